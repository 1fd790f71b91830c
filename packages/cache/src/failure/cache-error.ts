import { err, type Result } from "@loom/core";
import { systemErrorKind, systemErrorOf, systemErrorPath, systemErrorReason } from "@loom/system";

/** Why an operation on caches or artifacts failed. */
export interface CacheError {
  /** For programs. */
  readonly code: CacheErrorCode;
  /** What failed, and why. */
  readonly message: string;
}

/**
 * - `CACHE_NO_SPACE`: the disk or the quota is full.
 * - `CACHE_NOT_PERMITTED`: a file or a folder may not be read or written.
 * - `CACHE_IO`: any other system error; the message names it.
 * - `CACHE_SOURCE_CHANGED`: a file changed while it was being read.
 * - `CACHE_DAMAGED`: an archive is not what was written.
 * - `CACHE_CANCELLED`: the caller's signal was aborted.
 */
export type CacheErrorCode =
  | "CACHE_NO_SPACE"
  | "CACHE_NOT_PERMITTED"
  | "CACHE_IO"
  | "CACHE_SOURCE_CHANGED"
  | "CACHE_DAMAGED"
  | "CACHE_CANCELLED";

/** A failure. */
export function failure(code: CacheErrorCode, message: string): Result<never, CacheError> {
  return err({ code, message });
}

/**
 * The failure for a system error.
 *
 * @param what - What failed, as the start of the message.
 * @param error - What was thrown. Rethrown when it is not a system error, which is a bug.
 */
export function systemFailure(what: string, error: unknown): Result<never, CacheError> {
  const cause = systemErrorOf(error);
  const path = systemErrorPath(cause);
  const place = path === undefined ? "" : ` at "${path}"`;
  return failure(CODES[systemErrorKind(cause)], `${what}: ${systemErrorReason(cause)}${place}`);
}

const CODES = {
  full: "CACHE_NO_SPACE",
  forbidden: "CACHE_NOT_PERMITTED",
  other: "CACHE_IO",
} as const;
