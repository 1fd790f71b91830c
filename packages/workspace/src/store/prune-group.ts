import { errorOf } from "../error-of.ts";
import type { WorkspaceError } from "../workspace-error.ts";
import { discard } from "./discard.ts";
import { listGroup } from "./list-workspaces.ts";
import { removeTree } from "./remove-tree.ts";

/** What became of old workspaces. All paths are absolute. */
export interface RemovedWorkspaces {
  readonly removed: readonly string[];
  /** Left alone: a run works in them. */
  readonly inUse: readonly string[];
  /** Could not be removed, or not wholly. */
  readonly failed: readonly WorkspaceError[];
}

/** Removes the workspaces of one repository but the newest, those in use, and those in the making. */
export async function pruneGroup(group: string, keep: number, nowMs: number): Promise<RemovedWorkspaces> {
  const removed: string[] = [];
  const failed: WorkspaceError[] = [];
  const attempt = async (path: string, remove: () => Promise<void>): Promise<void> => {
    try {
      await remove();
      removed.push(path);
    } catch (thrown) {
      failed.push(errorOf(thrown, `remove the workspace "${path}"`));
    }
  };
  const { workspaces, trash } = await listGroup(group, nowMs);
  const complete = workspaces.filter((workspace) => workspace.complete || workspace.inUse);
  const kept = new Set(complete.slice(0, keep));
  for (const workspace of workspaces) {
    if (workspace.inUse || kept.has(workspace)) continue;
    await attempt(workspace.root, () => discard(workspace.root));
  }
  for (const path of trash) await attempt(path, () => removeTree(path));
  const inUse = workspaces.filter((workspace) => workspace.inUse && !kept.has(workspace));
  return { removed, inUse: inUse.map(({ root }) => root), failed };
}
