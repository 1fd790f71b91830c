import type { EventError } from "@loom/core";
import { systemErrorOf, systemErrorPath, systemErrorReason, type SystemError } from "@loom/system";

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
 * @throws What was thrown, when it is not an error of the operating system: a bug.
 */
export function writeFailure(path: string, thrown: unknown): EventError {
  const error = systemErrorOf(thrown);
  return writeError(systemErrorPath(error) ?? path, error);
}
