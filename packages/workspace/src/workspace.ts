import type { WorkspaceWarning } from "./workspace-warning.ts";

/** A disposable snapshot of a repository or folder, for one run. Plain data. */
export interface Workspace {
  /** Top of the snapshot. Absolute. */
  readonly root: string;
  /** The project (the folder that holds `.loom`) in the snapshot, where jobs start. Absolute; usually `root`. */
  readonly projectFolder: string;
  /** What was snapshotted: top of the work tree, or the project's folder without a repository. Absolute, symbolic links resolved. */
  readonly sourceFolder: string;
  /** Git's state of the checkout. Absent when a plain folder was copied. */
  readonly checkout?: WorkspaceCheckout;
  /**
   * Equal for equal contents, among workspaces of one repository.
   *
   * In a repository, the name of the git tree that a commit of everything would have, so that it is the same
   * before and after that commit; another hash where a tree does not capture everything (changes inside
   * submodules, filtered files). Opaque.
   */
  readonly treeHash: string;
  /** Differences from the source, in order: the reason for a copy, then by repository and path. */
  readonly warnings: readonly WorkspaceWarning[];
}

/** The state of a checkout when it was snapshotted. */
export interface WorkspaceCheckout {
  /** The full name of HEAD's commit. Absent before the first commit. */
  readonly headSha?: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** That commit's message, without trailing newlines. */
  readonly commitMessage?: string;
  /**
   * Tracked files that differ from HEAD or from the index, including those of submodules, relative to
   * `sourceFolder`; in a staged workspace, those where the index differs from HEAD.
   *
   * A renamed file is listed under both names.
   */
  readonly dirtyFiles: readonly string[];
  /** Files that are neither tracked nor ignored, relative to `sourceFolder`; none in a staged workspace. */
  readonly untrackedFiles: readonly string[];
}
