import { systemErrorOf, systemErrorReason } from "@loom/system";

/**
 * Why something of a run could not be read.
 *
 * - `ARTIFACTS_NOT_FOUND`: it is not there
 * - `ARTIFACTS_READ_FAILED`: the operating system refused
 * - `ARTIFACTS_INVALID_DOCUMENT`: it is not the document it should be
 * - `ARTIFACTS_AMBIGUOUS_RUN`: several runs could be meant
 * - `ARTIFACTS_OUTSIDE_RUN`: a path in a document leads out of the run's directory
 */
export interface ReadError {
  readonly code:
    | "ARTIFACTS_NOT_FOUND"
    | "ARTIFACTS_READ_FAILED"
    | "ARTIFACTS_INVALID_DOCUMENT"
    | "ARTIFACTS_AMBIGUOUS_RUN"
    | "ARTIFACTS_OUTSIDE_RUN";
  readonly message: string;
  /** What should have been read. */
  readonly path: string;
}

/**
 * What to tell when a file could not be read.
 *
 * @throws What was caught, when it is not an error of the operating system.
 */
export function readError(path: string, cause: unknown): ReadError {
  const error = systemErrorOf(cause);
  return {
    code:
      error.code === "ENOENT" || error.code === "ENOTDIR" ? "ARTIFACTS_NOT_FOUND" : "ARTIFACTS_READ_FAILED",
    message: `Cannot read "${path}": ${systemErrorReason(error)}`,
    path,
  };
}
