import type { PipelineId, RunId } from "@loom/core";
import { fields, oneOf, text, type Shape } from "../shape/shape.ts";

/** The opening of `phase-report.json`. The rest is the business of `@loom/phase-validator`. */
export interface PhaseReportHead {
  readonly schema_version: "v1";
  readonly kind: "loom-run-local-phase-report";
  readonly run_id: RunId;
  readonly pipeline_id: PipelineId;
  readonly status: "valid" | "invalid";
}

/** Shape of {@link PhaseReportHead}. */
export const PHASE_REPORT_HEAD: Shape<PhaseReportHead> = fields<PhaseReportHead>({
  schema_version: oneOf("v1"),
  kind: oneOf("loom-run-local-phase-report"),
  run_id: text<RunId>(),
  pipeline_id: text<PipelineId>(),
  status: oneOf("valid", "invalid"),
});
