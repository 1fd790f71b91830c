import type { PhaseStatus } from "@loom/core";
import { EXIT_CODE_SHAPE, PHASE_STATUS } from "../codec/event-shapes.ts";
import { fields, optional, text, whole, type Shape } from "../shape/shape.ts";
import { JOB_IDENTITY, type JobIdentity } from "./identity.ts";

/** `…/script/<NN>/summary.json`: how one script entry ended. */
export interface StepSummary extends JobIdentity {
  /** From 1. */
  readonly step: number;
  /** What it is for, in words, where the workflow says so. */
  readonly name?: string;
  readonly command: string;
  readonly status: PhaseStatus;
  readonly exit_code?: number;
  /** Name such as `SIGKILL`. */
  readonly signal?: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_ms: number;
  /** How many lines it printed, on both outputs; a line that was recorded in pieces is one. */
  readonly output_lines: number;
  /** Bytes of text as the process printed it, with one for the newline of every whole line. */
  readonly output_bytes: number;
  readonly events_path: string;
}

/** Shape of {@link StepSummary}. */
export const STEP_SUMMARY: Shape<StepSummary> = fields<StepSummary>({
  ...JOB_IDENTITY,
  step: whole(1),
  name: optional(text()),
  command: text(),
  status: PHASE_STATUS,
  exit_code: optional(EXIT_CODE_SHAPE),
  signal: optional(text()),
  started_at: text(),
  finished_at: text(),
  duration_ms: whole(),
  output_lines: whole(),
  output_bytes: whole(),
  events_path: text(),
});
