import { WorkspaceFault, type WorkspaceError, type WorkspaceErrorCode } from "./workspace-error.ts";

const WITHOUT_COPY = "or work in the folder itself with --in-place";

/** What to do when the disk is full. */
export const SPACE_ADVICE: string = `Free some space, remove old workspaces with "loom clean", set XDG_CACHE_HOME to a folder on another disk, ${WITHOUT_COPY}`;

/** What to do when something is not permitted. */
export const PERMISSION_ADVICE: string = `Give yourself access to it, set XDG_CACHE_HOME to a folder of your own if it lies in the cache, ${WITHOUT_COPY}`;

/** Codes of the system that mean a full disk or quota. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Codes of the system that mean a lack of permission. */
const FORBIDDEN = new Set(["EACCES", "EPERM", "EROFS"]);

/**
 * The error that a user is told, for something thrown underneath.
 *
 * @param doing - Completes "Cannot …".
 * @throws What was thrown, when neither the file system nor git is the reason: a bug.
 */
export function errorOf(thrown: unknown, doing: string): WorkspaceError {
  if (thrown instanceof WorkspaceFault) return thrown.error;
  if (!isSystemError(thrown)) throw thrown;
  const path = pathOf(thrown);
  const code = codeOf(thrown.code);
  const about = path === undefined ? "" : ` at "${path}"`;
  const message = `Cannot ${doing}: ${reasonOf(thrown)}${about}. ${adviceOf(code)}`;
  return { code, message, ...(path !== undefined && { path }) };
}

/** The code of the system, such as `ENOENT`, of something thrown by `node:fs`. */
export function systemCode(thrown: unknown): string | undefined {
  return isSystemError(thrown) ? thrown.code : undefined;
}

interface SystemError extends Error {
  readonly code: string;
  readonly path?: string | Buffer;
  readonly dest?: string | Buffer;
}

function isSystemError(thrown: unknown): thrown is SystemError {
  return (
    thrown instanceof Error && "syscall" in thrown && "code" in thrown && typeof thrown.code === "string"
  );
}

function codeOf(code: string): WorkspaceErrorCode {
  if (FULL.has(code)) return "WORKSPACE_NO_SPACE";
  if (FORBIDDEN.has(code)) return "WORKSPACE_NOT_PERMITTED";
  return "WORKSPACE_IO_FAILED";
}

function adviceOf(code: WorkspaceErrorCode): string {
  if (code === "WORKSPACE_NO_SPACE") return SPACE_ADVICE;
  if (code === "WORKSPACE_NOT_PERMITTED") return PERMISSION_ADVICE;
  return `Try again, ${WITHOUT_COPY}`;
}

/** "no space left on device" of "ENOSPC: no space left on device, copyfile 'a' -> 'b'". */
function reasonOf(error: SystemError): string {
  const text = /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message;
  return `${text} (${error.code})`;
}

/** A full disk is where the copy goes, all else where it comes from. */
function pathOf(error: SystemError): string | undefined {
  const path = FULL.has(error.code) ? (error.dest ?? error.path) : error.path;
  return Buffer.isBuffer(path) ? path.toString("utf8") : path;
}
