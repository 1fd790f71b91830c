import { err, type Result } from "@loom/core";
import { systemErrorKind, systemErrorOf, systemErrorPath, systemErrorReason } from "@loom/system";

/** Why something with caches or artifacts could not be done. */
export interface CacheError {
  /** What it is, for programs. */
  readonly code: CacheErrorCode;
  /** What could not be done, and why. */
  readonly message: string;
}

/**
 * - `CACHE_NO_SPACE`: the disk or the quota is full.
 * - `CACHE_NOT_PERMITTED`: a file or a folder may not be read or written.
 * - `CACHE_IO`: the system refused in another way; the message names how.
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
 * The answer for what the system refused.
 *
 * @param what - What could not be done, as the start of the message.
 * @param error - What was thrown. Thrown again when it did not come from the system: then it is a bug.
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
