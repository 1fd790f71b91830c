/** An error that the operating system answered. */
export interface SystemError extends Error {
  /** Name such as `ENOSPC`. */
  readonly code: string;
  readonly path?: string | Buffer;
  /** Where a copy or a rename was to lead. */
  readonly dest?: string | Buffer;
}

/** Whether something thrown came from the operating system; Node codes (`ERR_…`) and zlib codes (`Z_…`) did not. */
export function isSystemError(thrown: unknown): thrown is SystemError {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    typeof thrown.code === "string" &&
    /^E[A-Z0-9]+$/.test(thrown.code)
  );
}

/** How Node names what it refuses: a path, not an argument of a program. */
const NUL_IN_PATH =
  /^The argument '(?:path|oldPath|newPath|src|dest|existingPath|target)' .*without null bytes/;

/**
 * Whether something thrown is Node's refusal of a path with a NUL byte. No system
 * has such a path, so nothing is there; it comes from damaged or foreign evidence.
 */
function isNulPath(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    thrown.code === "ERR_INVALID_ARG_VALUE" &&
    NUL_IN_PATH.test(thrown.message)
  );
}

/**
 * The name of a system error (`ENOENT`), or `undefined` for anything else that was thrown.
 * A path with a NUL byte is `ENOENT`.
 */
export function errnoCode(thrown: unknown): string | undefined {
  if (isSystemError(thrown)) return thrown.code;
  return isNulPath(thrown) ? "ENOENT" : undefined;
}

/**
 * The operating system's error in what was caught; `ENOENT` for a path with a NUL byte.
 *
 * @throws What was caught, when it is something else: a bug, not a full disk.
 */
export function systemErrorOf(thrown: unknown): SystemError {
  if (isSystemError(thrown)) return thrown;
  if (isNulPath(thrown)) return Object.assign(new Error(thrown.message), { code: "ENOENT" });
  throw thrown;
}

/** Whether something thrown means that a path does not exist: it or a parent is missing, or links form a loop. */
export function isAbsent(thrown: unknown): boolean {
  const code = errnoCode(thrown);
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}

/** Codes that mean a full disk or quota. */
const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Codes that mean a lack of permission. */
const FORBIDDEN: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/** What a user can do about a system error: make room, get permission, or neither. */
export function systemErrorKind(error: SystemError): "full" | "forbidden" | "other" {
  if (FULL.has(error.code)) return "full";
  return FORBIDDEN.has(error.code) ? "forbidden" : "other";
}

/** The path that a system error is about, where it names one. A full disk is where a copy goes, all else where it comes from. */
export function systemErrorPath(error: SystemError): string | undefined {
  const path = FULL.has(error.code) ? (error.dest ?? error.path) : error.path;
  return Buffer.isBuffer(path) ? path.toString("utf8") : path;
}

/** How people know these errors. Source: errno(3); the words are glibc's where they are plain. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "the machine is out of processes for now",
  EBADF: "it is closed",
  EBUSY: "it is in use",
  EDQUOT: "the disk quota is used up",
  EEXIST: "file already exists",
  EFBIG: "the file is too large",
  EFTYPE: "it is not a regular file",
  EIO: "input/output error",
  EISDIR: "it is a folder",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files in this program",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "too many open files on this machine",
  ENOENT: "no such file or directory",
  ENOMEM: "out of memory",
  ENOSPC: "no space left on device",
  ENOTDIR: "a part of the path is not a folder",
  ENOTEMPTY: "the folder is not empty",
  EPERM: "operation not permitted",
  EPIPE: "nothing reads it any more",
  EROFS: "read-only file system",
  ESTALE: "the network file system lost it",
  ETIMEDOUT: "it took too long",
  EXDEV: "it is on another file system",
};

/**
 * Why the operating system refused something, as a clause that names the code:
 * `no space left on device (ENOSPC)`.
 *
 * @param error - Anything that was thrown; if it is not a system error, its message is returned.
 */
export function systemErrorReason(error: unknown): string {
  const code = errnoCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const known = REASONS[code];
  return known === undefined ? code : `${known} (${code})`;
}
