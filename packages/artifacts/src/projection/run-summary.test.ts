import { jobId, runIdentity, type EventError, type RunResult } from "@loom/core";
import { expect, test } from "vitest";
import { runSummary } from "./run-summary.ts";

const IDENTITY = runIdentity(1n);
const ERROR: EventError = { code: "exit_code", message: "Step 1 exited with code 3" };
const SPAN = {
  startedAt: "2026-03-07T06:40:00.010Z",
  finishedAt: "2026-03-07T06:40:01.010Z",
  durationMs: 1000,
};
const ALWAYS = {
  schema_version: "v1",
  kind: "loom-run-local-logs",
  run_id: IDENTITY.runId,
  pipeline_id: IDENTITY.pipelineId,
  started_at: SPAN.startedAt,
  finished_at: SPAN.finishedAt,
  duration_ms: 1000,
  events_path: "events.jsonl",
  pipeline_summary_path: "pipeline/summary.json",
  pipeline_manifest_path: "pipeline/manifest.json",
  phase_report_path: "phase-report.json",
};

test("runSummary() of a success has no error", () => {
  const outcome: RunResult = { status: "success", exitCode: 0, failedJobIds: [] };
  expect(runSummary(IDENTITY, outcome, { span: SPAN, phaseReportStatus: "valid" })).toStrictEqual({
    ...ALWAYS,
    status: "success",
    exit_code: 0,
    phase_report_status: "valid",
  });
});

test("runSummary() tells why a run failed, and which job is to blame", () => {
  const outcome: RunResult = {
    status: "failure",
    exitCode: 1,
    error: { ...ERROR, jobId: jobId("unit") },
    failedJobIds: [jobId("unit")],
  };
  expect(runSummary(IDENTITY, outcome, { span: SPAN, phaseReportStatus: "invalid" })).toStrictEqual({
    ...ALWAYS,
    status: "failure",
    exit_code: 1,
    phase_report_status: "invalid",
    error: { ...ERROR, job_id: "unit" },
  });
});
