/** Why there is no workspace. */
export type WorkspaceErrorCode =
  /** The folder is in a git repository, but `git` is not installed. */
  | "WORKSPACE_GIT_MISSING"
  /** git is older than {@link MINIMUM_GIT_VERSION}. */
  | "WORKSPACE_GIT_TOO_OLD"
  /** git failed; the message has what it printed. */
  | "WORKSPACE_GIT_FAILED"
  /** The disk, or the quota on it, is full. */
  | "WORKSPACE_NO_SPACE"
  /** Something may not be read or written. */
  | "WORKSPACE_NOT_PERMITTED"
  /** Any other file system error. */
  | "WORKSPACE_IO_FAILED"
  /** The folder to snapshot does not exist. */
  | "WORKSPACE_SOURCE_MISSING"
  /** The cache is inside what would be snapshotted. */
  | "WORKSPACE_CACHE_INSIDE_SOURCE"
  /** A staged snapshot was requested, but there is no git repository. */
  | "WORKSPACE_NOTHING_STAGED"
  /** A staged snapshot was requested, but a file is in conflict. */
  | "WORKSPACE_CONFLICT"
  /** This run already has a workspace. */
  | "WORKSPACE_EXISTS"
  /** The workspace to resume was removed, or never completed. */
  | "WORKSPACE_GONE"
  /** A run is using the workspace to resume. */
  | "WORKSPACE_IN_USE"
  /** The signal aborted; what was created has been removed. */
  | "WORKSPACE_CANCELLED";

/** Why a workspace could not be made, removed or read. */
export interface WorkspaceError {
  readonly code: WorkspaceErrorCode;
  /** What failed, why, and what to do about it. */
  readonly message: string;
  /** The file or folder it is about, if any. */
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
