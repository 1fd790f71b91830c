import type { RunStatus } from "@loom/core";
import { fields, optional, text, whole, type Shape } from "../shape/shape.ts";
import { PIPELINE_IDENTITY, type PipelineIdentity } from "./identity.ts";
import { RUN_ERROR, type RunError } from "./run-error.ts";
import { RUN_STATUS } from "./status-words.ts";

/** How many jobs ended how. */
export interface JobCounts {
  readonly total: number;
  readonly success: number;
  /** Tolerated failures included. */
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
}

/** `pipeline/summary.json`: did the pipeline pass? */
export interface PipelineSummary extends PipelineIdentity {
  readonly status: RunStatus;
  /** What `loom run` exited with. */
  readonly exit_code: number;
  /** Start of `pipeline.execute`. */
  readonly started_at: string;
  /** Finish of `pipeline.execute`. */
  readonly finished_at: string;
  readonly duration_ms: number;
  readonly job_counts: JobCounts;
  readonly manifest_path: string;
  /** Absent for a success. */
  readonly error?: RunError;
}

/** Shape of {@link PipelineSummary}. */
export const PIPELINE_SUMMARY: Shape<PipelineSummary> = fields<PipelineSummary>({
  ...PIPELINE_IDENTITY,
  status: RUN_STATUS,
  exit_code: whole(0, 255),
  started_at: text(),
  finished_at: text(),
  duration_ms: whole(),
  job_counts: fields<JobCounts>({
    total: whole(),
    success: whole(),
    failed: whole(),
    skipped: whole(),
    cancelled: whole(),
  }),
  manifest_path: text(),
  error: optional(RUN_ERROR),
});
