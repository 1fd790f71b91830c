/** The name of a system error (`ENOENT`), or `undefined` for anything else that was thrown. */
export function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** What people know these errors by. Source: errno(3); the words are those of glibc where they are plain. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "the machine is out of processes for now",
  EBADF: "it is closed",
  EBUSY: "it is in use",
  EDQUOT: "the disk quota is used up",
  EEXIST: "file already exists",
  EFBIG: "the file is too large",
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
  EPIPE: "nobody reads it any more",
  EROFS: "read-only file system",
  ESTALE: "the network file system lost it",
  ETIMEDOUT: "it took too long",
  EXDEV: "it lies on another file system",
};

/**
 * Why the operating system refused something, as a clause that names the code:
 * `no space left on device (ENOSPC)`.
 *
 * @param error - Anything that was thrown; what is no system error gives its message.
 */
export function systemErrorReason(error: unknown): string {
  const code = errnoCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const known = REASONS[code];
  return known === undefined ? code : `${known} (${code})`;
}
