import type { RunIdentity, RunResult } from "@loom/core";
import { PHASE_REPORT_PATH, PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH, streamPath } from "@loom/record";

import type { RunSummary } from "../documents/run-summary.ts";
import { runError, type TimeSpan } from "./pipeline-documents.ts";

/** The summary of a run whose other documents are written. */
export function runSummary(
  identity: RunIdentity,
  outcome: RunResult,
  run: { readonly span: TimeSpan; readonly phaseReportStatus: "valid" | "invalid" },
): RunSummary {
  const error = runError(outcome);
  return {
    schema_version: "v1",
    kind: "loom-run-local-logs",
    run_id: identity.runId,
    pipeline_id: identity.pipelineId,
    status: outcome.status,
    exit_code: outcome.exitCode,
    started_at: run.span.startedAt,
    finished_at: run.span.finishedAt,
    duration_ms: run.span.durationMs,
    events_path: streamPath({ kind: "run" }),
    pipeline_summary_path: PIPELINE_SUMMARY_PATH,
    pipeline_manifest_path: PIPELINE_MANIFEST_PATH,
    phase_report_path: PHASE_REPORT_PATH,
    phase_report_status: run.phaseReportStatus,
    ...(error !== undefined && { error }),
  };
}
