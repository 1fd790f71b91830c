import type { EventError, JobId } from "@loom/core";
import { fields, optional, text, type Shape } from "../shape/shape.ts";

/** Why a run is not a success. */
export interface RunError extends EventError {
  /** The job that is the cause, where one is. */
  readonly job_id?: JobId;
}

/** Shape of {@link RunError}. */
export const RUN_ERROR: Shape<RunError> = fields<RunError>({
  code: text(),
  message: text(),
  job_id: optional(text<JobId>()),
});
