import { join } from "node:path";
import { sizeOnDisk } from "@loom/system";
import { errorOf } from "../error-of.ts";
import type { WorkspaceError } from "../workspace-error.ts";
import { discard } from "./discard.ts";
import { listGroup } from "./list-workspaces.ts";
import { removeEmpty } from "./remove-empty.ts";
import { removeTree } from "./remove-tree.ts";
import { copiesFolder, COPIES } from "./workspace-place.ts";

/** The result of pruning workspaces. All paths are absolute. */
export interface RemovedWorkspaces {
  /** Workspaces, including incomplete and partially removed ones. */
  readonly removed: readonly string[];
  /** Left alone, because a run is using them. */
  readonly inUse: readonly string[];
  /** Could not be removed, or only in part. */
  readonly failed: readonly WorkspaceError[];
}

/** Which workspaces of a repository to keep. */
export interface PruneGroupOptions {
  /** How many of the newest to keep. */
  readonly keep: number;
  readonly nowMs: number;
  /** Called with the disk space of each removed workspace, in bytes. Default: not measured. */
  readonly onFreed?: (bytes: number) => void;
}

/** Removes the workspaces of one repository, except the newest, those in use, and those being made. */
export async function pruneGroup(
  group: string,
  { keep, nowMs, onFreed }: PruneGroupOptions,
): Promise<RemovedWorkspaces> {
  const removed: string[] = [];
  const failed: WorkspaceError[] = [];
  const attempt = async (path: string, remove: () => Promise<void>): Promise<boolean> => {
    try {
      const bytes =
        onFreed === undefined
          ? 0
          : (await sizeOnDisk(path, { skipUnreadable: true })) + (await sizeOnDisk(copiesFolder(path)));
      await remove();
      onFreed?.(bytes);
    } catch (thrown) {
      failed.push(errorOf(thrown, `remove the workspace "${path}"`));
      return false;
    }
    return true;
  };
  const { workspaces, trash, staleNotes } = await listGroup(group, nowMs);
  const complete = workspaces.filter((workspace) => workspace.complete || workspace.inUse);
  const kept = new Set(complete.slice(0, keep));
  for (const workspace of workspaces) {
    if (workspace.inUse || kept.has(workspace)) continue;
    if (await attempt(workspace.root, () => discard(workspace.root))) removed.push(workspace.root);
  }
  for (const path of trash) if (await attempt(path, () => removeTree(path))) removed.push(path);
  for (const path of staleNotes) await attempt(path, () => removeTree(path));
  await removeEmpty(join(group, COPIES));
  const inUse = workspaces.filter((workspace) => workspace.inUse && !kept.has(workspace));
  return { removed, inUse: inUse.map(({ root }) => root), failed };
}
