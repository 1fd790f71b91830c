import type { PipelineId, RunId, RunStatus } from "@loom/core";
import { fields, oneOf, optional, text, whole, type Shape } from "../shape/shape.ts";
import { RUN_ERROR, type RunError } from "./run-error.ts";
import { RUN_STATUS } from "./status-words.ts";

/** `summary.json` of a run: how it ended and where the rest is. Paths are relative to the run's directory. */
export interface RunSummary {
  readonly schema_version: "v1";
  readonly kind: "loom-run-local-logs";
  readonly run_id: RunId;
  readonly pipeline_id: PipelineId;
  readonly status: RunStatus;
  /** What `loom run` exited with. */
  readonly exit_code: number;
  /** Start of `run.bootstrap`. */
  readonly started_at: string;
  /** When the final documents were written. */
  readonly finished_at: string;
  readonly duration_ms: number;
  readonly events_path: string;
  readonly pipeline_summary_path: string;
  readonly pipeline_manifest_path: string;
  readonly phase_report_path: string;
  readonly phase_report_status: "valid" | "invalid";
  /** Absent for a success. */
  readonly error?: RunError;
}

/** Shape of {@link RunSummary}. */
export const RUN_SUMMARY: Shape<RunSummary> = fields<RunSummary>({
  schema_version: oneOf("v1"),
  kind: oneOf("loom-run-local-logs"),
  run_id: text<RunId>(),
  pipeline_id: text<PipelineId>(),
  status: RUN_STATUS,
  exit_code: whole(0, 255),
  started_at: text(),
  finished_at: text(),
  duration_ms: whole(),
  events_path: text(),
  pipeline_summary_path: text(),
  pipeline_manifest_path: text(),
  phase_report_path: text(),
  phase_report_status: oneOf("valid", "invalid"),
  error: optional(RUN_ERROR),
});
