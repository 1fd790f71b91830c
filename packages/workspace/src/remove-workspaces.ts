import { join } from "node:path";
import { err, ok, type EpochMs, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { SnapshotGit } from "./git/git.ts";
import { locateSource } from "./locate-source.ts";
import { listNames } from "./store/list-workspaces.ts";
import { pruneGroup, type RemovedWorkspaces } from "./store/prune-group.ts";
import { removeEmpty } from "./store/remove-empty.ts";
import { groupFolder, OWNERS, workspacesFolder } from "./store/workspace-place.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/** Which workspaces to remove. */
export interface RemoveOptions {
  readonly cacheHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: EpochMs;
  /**
   * Only those of this project's repository. Default: those of all repositories, including ones that no longer
   * exist.
   */
  readonly projectFolder?: string | undefined;
  /** Default: `git`. */
  readonly git?: string | undefined;
}

/** The result of removing workspaces. */
export interface ClearedWorkspaces extends RemovedWorkspaces {
  /** Disk space of the removed ones, at most: files may have shared blocks with the checkout. */
  readonly freedBytes: number;
}

/** Removes all workspaces of one repository, or of all, except those in use. */
export async function removeWorkspaces(
  options: RemoveOptions,
): Promise<Result<ClearedWorkspaces, WorkspaceError>> {
  try {
    const results: RemovedWorkspaces[] = [];
    let freedBytes = 0;
    const onFreed = (bytes: number): void => {
      freedBytes += bytes;
    };
    for (const group of await groups(options)) {
      results.push(await pruneGroup(group, { keep: 0, nowMs: options.nowMs, onFreed }));
      await removeEmpty(join(group, OWNERS));
      await removeEmpty(group);
    }
    return ok({
      removed: results.flatMap(({ removed }) => removed),
      inUse: results.flatMap(({ inUse }) => inUse),
      failed: results.flatMap(({ failed }) => failed),
      freedBytes,
    });
  } catch (thrown) {
    return err(errorOf(thrown, `remove workspaces in "${options.cacheHome}"`));
  }
}

async function groups({ cacheHome, env, projectFolder, git }: RemoveOptions): Promise<string[]> {
  const all = workspacesFolder(cacheHome);
  if (projectFolder === undefined) return (await listNames(all)).map((name) => join(all, name));
  const calls = new SnapshotGit({ program: git ?? "git", env, signal: new AbortController().signal });
  const { folder } = await locateSource(calls, projectFolder);
  return [groupFolder(cacheHome, folder)];
}
