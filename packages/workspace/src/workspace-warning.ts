import { showPath, type RawPath } from "./raw-path.ts";

/** Something that a workspace does not have as the folder it was made from has it. */
export interface WorkspaceWarning {
  readonly code:
    /** A device, a socket or a FIFO was left out. */
    | "WORKSPACE_SPECIAL_FILE"
    /** Something untracked that may not be read was left out. */
    | "WORKSPACE_UNREADABLE"
    /** There is no git repository: the folder was copied. */
    | "WORKSPACE_NO_REPOSITORY"
    /** A submodule, or another repository inside, was left empty: git cannot read it, or it lacks its commit. */
    | "WORKSPACE_REPOSITORY_SKIPPED"
    /** A file that a content filter makes is there as git stores it. */
    | "WORKSPACE_UNFILTERED";
  /** A sentence for a log. */
  readonly message: string;
  /** Relative to the folder that was snapshotted, where the warning is about one file. */
  readonly path?: string;
}

/** A device, a socket or a FIFO was left out. */
export function specialFile(path: RawPath): WorkspaceWarning {
  return about("WORKSPACE_SPECIAL_FILE", path, "devices, sockets and FIFOs are not copied");
}

/** Something that may not be read was left out. */
export function unreadableFile(path: RawPath): WorkspaceWarning {
  return about("WORKSPACE_UNREADABLE", path, "it cannot be read. Allow it, or have it ignored");
}

/** A repository inside was left empty. */
export function skippedRepository(path: RawPath): WorkspaceWarning {
  const why = `git cannot read it as a repository. See what "git -C ${showPath(path)} status" says`;
  return about("WORKSPACE_REPOSITORY_SKIPPED", path, why);
}

/** What is staged of a file is not what is on disk, and only a filter could make it. */
export function unfiltered(path: RawPath): WorkspaceWarning {
  const shown = showPath(path);
  const message = `"${shown}" is in the workspace as git stores it: a filter makes its contents, and those on disk are not the staged ones`;
  return { code: "WORKSPACE_UNFILTERED", message, path: shown };
}

/** A submodule was left empty: the commit that is staged for it is not there. */
export function missingCommit(path: RawPath, sha: string): WorkspaceWarning {
  const why = `it does not have its commit ${sha}. Fetch it with "git submodule update"`;
  return about("WORKSPACE_REPOSITORY_SKIPPED", path, why);
}

/** A submodule of a commit was left empty. */
export function submoduleOfCommit(path: RawPath): WorkspaceWarning {
  return about("WORKSPACE_REPOSITORY_SKIPPED", path, "submodules are not checked out for a run of a commit");
}

/** A folder was copied, as nothing says what of it belongs to a repository. */
export function noRepository(folder: string): WorkspaceWarning {
  const message = `"${folder}" is not in a git repository: the workspace is a copy of the folder, without what its .gitignore files ignore`;
  return { code: "WORKSPACE_NO_REPOSITORY", message };
}

function about(code: WorkspaceWarning["code"], path: RawPath, why: string): WorkspaceWarning {
  const shown = showPath(path);
  return { code, message: `"${shown}" is not in the workspace: ${why}`, path: shown };
}
