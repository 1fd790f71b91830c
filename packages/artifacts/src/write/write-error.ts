import type { EventError } from "@loom/core";
import { systemErrorOf, systemErrorPath, systemErrorReason, type SystemError } from "@loom/system";

/**
 * Why evidence could not be written.
 *
 * - `ARTIFACTS_WRITE_FAILED`: the operating system refused
 * - `ARTIFACTS_REFUSED_PLACE`: the place is a link, or belongs to another user
 */
export interface WriteError extends EventError {
  readonly code: "ARTIFACTS_WRITE_FAILED" | "ARTIFACTS_REFUSED_PLACE";
}

/** What to tell when evidence cannot be written: the file and the cause. */
export function writeError(path: string, cause: SystemError): WriteError {
  return {
    code: "ARTIFACTS_WRITE_FAILED",
    message: `Cannot write "${path}": ${systemErrorReason(cause)}`,
  };
}

/**
 * The failure that something thrown by a change of the disk is.
 *
 * @param path - What was being changed, in case the system does not say.
 * @throws What was thrown, when it is not an error of the operating system: a bug.
 */
export function writeFailure(path: string, thrown: unknown): WriteError {
  const error = systemErrorOf(thrown);
  return writeError(systemErrorPath(error) ?? path, error);
}
