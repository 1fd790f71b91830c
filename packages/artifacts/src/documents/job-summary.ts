import type { EventError, PhaseStatus, SkipReason } from "@loom/core";
import { EVENT_ERROR, EXIT_CODE_SHAPE, PHASE_STATUS } from "../codec/event-shapes.ts";
import { fields, flag, optional, text, whole, type Shape } from "../shape/shape.ts";
import { JOB_IDENTITY, type JobIdentity } from "./identity.ts";
import { SKIP_REASON } from "./status-words.ts";

/** `jobs/<job_id>/summary.json`: how a job ended. */
export interface JobSummary extends JobIdentity {
  readonly stage: string;
  readonly status: PhaseStatus;
  /** Whether a failure of this job counts against the pipeline: false with `allow_failure`. */
  readonly blocking: boolean;
  /** Exit code of the failing step; 0 for a success; absent otherwise. */
  readonly exit_code?: number;
  /** How often it was started; 0 for a job that never was. */
  readonly attempts: number;
  /** Absent for a job that never started. */
  readonly started_at?: string;
  readonly finished_at: string;
  /** From the first phase of the first attempt to the end; 0 for a job that never started. */
  readonly duration_ms: number;
  readonly skip_reason?: SkipReason;
  /** What the failing step or section said; absent where the exit code says it all. */
  readonly error?: EventError;
  readonly manifest_path: string;
}

/** Shape of {@link JobSummary}. */
export const JOB_SUMMARY: Shape<JobSummary> = fields<JobSummary>({
  ...JOB_IDENTITY,
  stage: text(),
  status: PHASE_STATUS,
  blocking: flag(),
  exit_code: optional(EXIT_CODE_SHAPE),
  attempts: whole(),
  started_at: optional(text()),
  finished_at: text(),
  duration_ms: whole(),
  skip_reason: optional(SKIP_REASON),
  error: optional(EVENT_ERROR),
  manifest_path: text(),
});
