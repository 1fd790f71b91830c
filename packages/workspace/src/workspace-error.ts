/** Why there is no workspace. */
export type WorkspaceErrorCode =
  /** The folder belongs to a git repository, and there is no program `git`. */
  | "WORKSPACE_GIT_MISSING"
  /** git is older than {@link MINIMUM_GIT_VERSION}. */
  | "WORKSPACE_GIT_TOO_OLD"
  /** git refused or broke; the message has what it said. */
  | "WORKSPACE_GIT_FAILED"
  /** The disk, or the quota on it, is full. */
  | "WORKSPACE_NO_SPACE"
  /** Something may not be read, or may not be written. */
  | "WORKSPACE_NOT_PERMITTED"
  /** Any other failure of the file system. */
  | "WORKSPACE_IO_FAILED"
  /** The folder to snapshot is not there. */
  | "WORKSPACE_SOURCE_MISSING"
  /** The cache lies inside what would be snapshotted. */
  | "WORKSPACE_CACHE_INSIDE_SOURCE"
  /** What is staged was asked for, and there is no git repository. */
  | "WORKSPACE_NOTHING_STAGED"
  /** What is staged was asked for, and a file of it is in conflict. */
  | "WORKSPACE_CONFLICT"
  /** There is a workspace of this run already. */
  | "WORKSPACE_EXISTS"
  /** A workspace to go on in was removed, or never completed. */
  | "WORKSPACE_GONE"
  /** A run works in the workspace to go on in. */
  | "WORKSPACE_IN_USE"
  /** The signal aborted; what was made was removed. */
  | "WORKSPACE_CANCELLED";

/** A workspace could not be made, removed or looked at. */
export interface WorkspaceError {
  readonly code: WorkspaceErrorCode;
  /** What could not be done, why, and what to do about it. */
  readonly message: string;
  /** The file or folder it is about, where there is one. */
  readonly path?: string;
}

/** Carries a {@link WorkspaceError} up to the exported function that returns it as a value. */
export class WorkspaceFault extends Error {
  readonly error: WorkspaceError;

  constructor(error: WorkspaceError) {
    super(error.message);
    this.error = error;
  }
}
