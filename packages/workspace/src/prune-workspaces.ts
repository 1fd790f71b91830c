import { err, ok, type EpochMs, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { SnapshotGit } from "./git/git.ts";
import { locateSource } from "./locate-source.ts";
import { pruneAbandoned } from "./store/prune-abandoned.ts";
import { pruneGroup, type RemovedWorkspaces } from "./store/prune-group.ts";
import { groupFolder } from "./store/workspace-place.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/** How many workspaces of a repository stay. Source: README.md#where-jobs-work. */
export const KEPT_WORKSPACES = 3;

/** Which workspaces to remove. */
export interface PruneOptions {
  /** The folder that holds `.loom`. */
  readonly projectFolder: string;
  readonly cacheHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: EpochMs;
  /** How many stay, the newest. Default: {@link KEPT_WORKSPACES}. */
  readonly keep?: number | undefined;
  /** Default: `git`. */
  readonly git?: string | undefined;
}

/**
 * Removes old workspaces of a repository, what a killed process left half made, and workspaces of repositories that are gone.
 *
 * The newest are kept, and any in use on top. Removing takes as long as the
 * workspaces are large: a run that must not wait begins this and awaits it when
 * its jobs are done.
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
