import { err, ok, type EpochMs, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { SnapshotGit } from "./git/git.ts";
import { locateSource } from "./locate-source.ts";
import { pruneAbandoned } from "./store/prune-abandoned.ts";
import { pruneGroup, type RemovedWorkspaces } from "./store/prune-group.ts";
import { groupFolder } from "./store/workspace-place.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/** How many workspaces of a repository are kept. Source: docs/runs.md#where-jobs-work. */
export const KEPT_WORKSPACES = 3;

/** Which workspaces to remove. */
export interface PruneOptions {
  /** The folder that holds `.loom`. */
  readonly projectFolder: string;
  readonly cacheHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: EpochMs;
  /** How many of the newest to keep. Default: {@link KEPT_WORKSPACES}. */
  readonly keep?: number | undefined;
  /** Default: `git`. */
  readonly git?: string | undefined;
}

/**
 * Removes a repository's old workspaces, what killed processes left incomplete, and workspaces of repositories
 * that no longer exist.
 *
 * The newest are kept, plus any in use. Removing large workspaces takes time: a run that must not wait starts
 * this and awaits it after its jobs.
 */
export async function pruneWorkspaces(
  options: PruneOptions,
): Promise<Result<RemovedWorkspaces, WorkspaceError>> {
  const { projectFolder, cacheHome, env, nowMs, keep = KEPT_WORKSPACES } = options;
  try {
    const git = new SnapshotGit({ program: options.git ?? "git", env, signal: new AbortController().signal });
    const { folder } = await locateSource(git, projectFolder);
    const pruned = await pruneGroup(groupFolder(cacheHome, folder), { keep, nowMs });
    const abandoned = await pruneAbandoned(cacheHome, nowMs);
    return ok({ ...pruned, removed: [...pruned.removed, ...abandoned] });
  } catch (thrown) {
    return err(errorOf(thrown, `remove old workspaces of "${projectFolder}"`));
  }
}
