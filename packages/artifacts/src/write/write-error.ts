import type { EventError } from "@loom/core";
import { systemErrorReason } from "@loom/system";

/** An error that the operating system answered. */
export interface SystemError extends Error {
  /** Name such as `ENOSPC`. */
  readonly code: string;
}

/**
 * The operating system's error in what was caught.
 *
 * @throws What was caught, when it is something else: a bug, not a full disk.
 */
export function systemErrorOf(cause: unknown): SystemError {
  if (cause instanceof Error && "syscall" in cause && "code" in cause && typeof cause.code === "string") {
    return cause as SystemError;
  }
  throw cause;
}

/** What to tell when evidence cannot be written: the file and the cause. */
export function writeError(path: string, cause: SystemError): EventError {
  return {
    code: "ARTIFACTS_WRITE_FAILED",
    message: `Cannot write "${path}": ${systemErrorReason(cause)}`,
  };
}

/**
 * The failure that something thrown by a change of the disk is.
 *
 * @param path - What was being changed, where the system does not say.
 * @throws What was thrown, when it is no error of the operating system: a bug.
 */
export function writeFailure(path: string, thrown: unknown): EventError {
  const error = systemErrorOf(thrown);
  const named = "path" in error && typeof error.path === "string" ? error.path : path;
  return writeError(named, error);
}
