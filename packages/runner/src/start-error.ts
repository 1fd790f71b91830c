import type { ErrorCode } from "@loom/core";

/**
 * Why a run cannot be started.
 *
 * - `WORKFLOW_NOT_FOUND`: there is no workflow, or it cannot be read
 * - `JOB_NOT_FOUND`: a job that was asked for is not in the workflow
 * - `RETRY_REFUSED`: the results of the run to retry cannot be kept
 * - `RETRY_NOTHING_FAILED`: every job of the run to retry succeeded
 * - `RESUME_REFUSED`: the run to take up cannot go on
 * - `REPORTER_NOT_FOUND`: there is no such reporter, or its module cannot be used
 * - `ARTIFACTS_WRITE_FAILED`, `ARTIFACTS_REFUSED_PLACE`: there is no place for the evidence
 */
export type StartErrorCode = Extract<
  ErrorCode,
  | "WORKFLOW_NOT_FOUND"
  | "JOB_NOT_FOUND"
  | "RETRY_REFUSED"
  | "RETRY_NOTHING_FAILED"
  | "RESUME_REFUSED"
  | "REPORTER_NOT_FOUND"
  | "ARTIFACTS_WRITE_FAILED"
  | "ARTIFACTS_REFUSED_PLACE"
>;

/** Why a run cannot be started. Nothing ran, and no run is on disk. */
export interface StartError {
  readonly code: StartErrorCode;
  readonly message: string;
}
