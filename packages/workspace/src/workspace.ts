import type { WorkspaceWarning } from "./workspace-warning.ts";

/** A disposable snapshot of a repository or folder, for one run. Plain data. */
export interface Workspace {
  /** Top of the snapshot. Absolute. */
  readonly root: string;
  /** Where the project, the folder that holds `.loom`, is in it: jobs start here. Absolute; `root` for most. */
  readonly projectFolder: string;
  /** What was snapshotted: top of the work tree, or the project's folder without a repository. Absolute, symbolic links resolved. */
  readonly sourceFolder: string;
  /** What git says of the checkout. Absent when a plain folder was copied. */
  readonly checkout?: WorkspaceCheckout;
  /**
   * Equal for equal contents, of workspaces of one repository.
   *
   * In a repository the name of the git tree that a commit of everything would
   * have, so that it is the same before and after that commit; another hash
   * where a tree does not say everything (changes inside submodules, files that
   * a content filter makes). Opaque.
   */
  readonly treeHash: string;
  /** What the snapshot lacks, in order: the reason for a copy, then by repository and path. */
  readonly warnings: readonly WorkspaceWarning[];
}

/** The state of a checkout at the moment of its snapshot. */
export interface WorkspaceCheckout {
  /** Full name of the commit at HEAD. Absent before the first commit. */
  readonly headSha?: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** Message of that commit, without trailing newlines. */
  readonly commitMessage?: string;
  /**
   * Tracked files that differ from HEAD or from the index, those of submodules too, relative to `sourceFolder`;
   * in a workspace of what is staged those that differ in the index from HEAD.
   *
   * A renamed file is there with both names.
   */
  readonly dirtyFiles: readonly string[];
  /** Files that are neither tracked nor ignored, relative to `sourceFolder`; none in a workspace of what is staged. */
  readonly untrackedFiles: readonly string[];
}
