import { showPath, type RawPath } from "./raw-path.ts";

/** A difference between a workspace and the folder that it was made from. */
export interface WorkspaceWarning {
  readonly code:
    /** A device, a socket or a FIFO was left out. */
    | "WORKSPACE_SPECIAL_FILE"
    /** An unreadable untracked path was left out. */
    | "WORKSPACE_UNREADABLE"
    /** There is no git repository, so the folder was copied. */
    | "WORKSPACE_NO_REPOSITORY"
    /** A submodule or nested repository was left empty: git cannot read it, or it lacks its commit. */
    | "WORKSPACE_REPOSITORY_SKIPPED"
    /** A filtered file is present as git stores it. */
    | "WORKSPACE_UNFILTERED";
  /** A sentence for a log. */
  readonly message: string;
  /** Relative to the snapshotted folder, if the warning is about one file. */
  readonly path?: string;
}

/** A device, a socket or a FIFO was left out. */
export function specialFile(path: RawPath): WorkspaceWarning {
  return about("WORKSPACE_SPECIAL_FILE", path, "devices, sockets and FIFOs are not copied");
}

/** An unreadable path was left out. */
export function unreadableFile(path: RawPath): WorkspaceWarning {
  return about("WORKSPACE_UNREADABLE", path, "it cannot be read. Allow it, or have it ignored");
}

/** A nested repository was left empty. */
export function skippedRepository(path: RawPath): WorkspaceWarning {
  const why = `git cannot read it as a repository. See what "git -C ${showPath(path)} status" says`;
  return about("WORKSPACE_REPOSITORY_SKIPPED", path, why);
}

/** A file's staged contents are not those on disk, and only a filter could produce them. */
export function unfiltered(path: RawPath): WorkspaceWarning {
  const shown = showPath(path);
  const message = `"${shown}" is in the workspace as git stores it: a filter makes its contents, and those on disk are not the staged ones`;
  return { code: "WORKSPACE_UNFILTERED", message, path: shown };
}

/** A submodule was left empty: it lacks its staged commit. */
export function missingCommit(path: RawPath, sha: string): WorkspaceWarning {
  const why = `it does not have its commit ${sha}. Fetch it with "git submodule update"`;
  return about("WORKSPACE_REPOSITORY_SKIPPED", path, why);
}

/** A submodule in a commit's snapshot was left empty. */
export function submoduleOfCommit(path: RawPath): WorkspaceWarning {
  return about("WORKSPACE_REPOSITORY_SKIPPED", path, "submodules are not checked out for a run of a commit");
}

/** A folder was copied: it is not in a repository, or the caller wanted it to be taken so. */
export function noRepository(folder: string, isWanted: boolean): WorkspaceWarning {
  const what = "a copy of the folder, without what its .gitignore files ignore";
  const message = isWanted
    ? `The workspace of "${folder}" has no .git: it is ${what}`
    : `"${folder}" is not in a git repository: the workspace is ${what}`;
  return { code: "WORKSPACE_NO_REPOSITORY", message };
}

function about(code: WorkspaceWarning["code"], path: RawPath, why: string): WorkspaceWarning {
  const shown = showPath(path);
  return { code, message: `"${shown}" is not in the workspace: ${why}`, path: shown };
}
