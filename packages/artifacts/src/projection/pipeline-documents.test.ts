import { jobId, runIdentity, type EventError, type RunResult } from "@loom/core";
import { graphNode, graphOf } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { jobRecord } from "../../test/job-record.ts";
import type { JobEnd, JobRecord } from "./job-record.ts";
import { executorReceipt, pipelineManifest, pipelineSummary, runError } from "./pipeline-documents.ts";

const IDENTITY = runIdentity(1n);
const EARLIER = runIdentity(7n).runId;
const ERROR: EventError = { code: "exit_code", message: "Step 1 exited with code 3" };
const SUCCESS: RunResult = { status: "success", exitCode: 0, failedJobIds: [] };
const SPAN = {
  startedAt: "2026-03-07T06:40:00.010Z",
  finishedAt: "2026-03-07T06:40:01.010Z",
  durationMs: 1000,
};
const HEAD = {
  schema_version: "loom.runtime.logs.v2",
  run_id: IDENTITY.runId,
  pipeline_id: IDENTITY.pipelineId,
};

function end(more: Partial<JobEnd>): JobEnd {
  return { status: "success", finishedAt: "2026-03-07T06:40:00.900Z", durationMs: 700, ...more };
}

function job(id: string, more: Partial<JobRecord> = {}): JobRecord {
  return jobRecord({ jobId: jobId(id), node: graphNode(id, "test"), ...more });
}

const STARTED = "2026-03-07T06:40:00.200Z";
const PASSED = job("lint", { startedAt: STARTED, provider: "host", end: end({ exitCode: 0 }) });
const FAILED = job("unit", {
  node: graphNode("unit", "test", { needs: ["lint"] }),
  startedAt: STARTED,
  provider: "docker",
  end: end({ status: "failed", exitCode: 3 }),
});
const TOLERATED = job("flaky", {
  node: graphNode("flaky", "test", { allow_failure: true }),
  startedAt: STARTED,
  end: end({ status: "failed" }),
});
const SKIPPED = job("deploy", {
  node: graphNode("deploy", "ship", { needs: ["lint", "unit"] }),
  attempts: 0,
  end: end({
    status: "skipped",
    durationMs: 0,
    skipReason: "upstream_failed",
    blockedBy: [jobId("unit")],
  }),
});
const UNFINISHED = job("notify", { node: graphNode("notify", "nowhere"), startedAt: STARTED });
const KEPT = job("docs", {
  attempts: 0,
  end: end({ status: "skipped", durationMs: 0, skipReason: "not_selected", keptFrom: EARLIER }),
});
const JOBS = [PASSED, FAILED, TOLERATED, SKIPPED, KEPT, UNFINISHED];

function paths(id: string): object {
  return {
    summary_path: `jobs/${id}/summary.json`,
    manifest_path: `jobs/${id}/manifest.json`,
    events_path: `jobs/${id}/events.jsonl`,
  };
}

describe("pipelineSummary()", () => {
  test("pipelineSummary() counts the jobs by how they ended; one without an end is cancelled", () => {
    expect(pipelineSummary(IDENTITY, SUCCESS, { span: SPAN, jobs: JOBS })).toStrictEqual({
      ...HEAD,
      status: "success",
      exit_code: 0,
      started_at: SPAN.startedAt,
      finished_at: SPAN.finishedAt,
      duration_ms: 1000,
      job_counts: { total: 6, success: 1, failed: 2, skipped: 2, cancelled: 1 },
      manifest_path: "pipeline/manifest.json",
    });
  });

  test("pipelineSummary() tells why the run is not a success", () => {
    const outcome: RunResult = {
      status: "failure",
      exitCode: 1,
      error: { ...ERROR, jobId: jobId("unit") },
      failedJobIds: [jobId("unit")],
    };
    expect(pipelineSummary(IDENTITY, outcome, { span: SPAN, jobs: [] })).toStrictEqual({
      ...HEAD,
      status: "failure",
      exit_code: 1,
      started_at: SPAN.startedAt,
      finished_at: SPAN.finishedAt,
      duration_ms: 1000,
      job_counts: { total: 0, success: 0, failed: 0, skipped: 0, cancelled: 0 },
      manifest_path: "pipeline/manifest.json",
      error: { ...ERROR, job_id: "unit" },
    });
  });
});

describe("pipelineManifest()", () => {
  test("pipelineManifest() lists the jobs with what is known of each, and the stages of the graph", () => {
    const graph = graphOf([
      { id: "lint" },
      { id: "unit" },
      { id: "flaky" },
      { id: "deploy", stage: "ship" },
      { id: "clean", stage: "empty" },
    ]);
    const outcome: RunResult = {
      status: "failure",
      exitCode: 1,
      error: ERROR,
      failedJobIds: [jobId("unit"), jobId("lint")],
    };
    expect(pipelineManifest(IDENTITY, outcome, { graph, jobs: JOBS })).toStrictEqual({
      ...HEAD,
      status: "failure",
      failing_job_id: "unit",
      failing_job_manifest_path: "jobs/unit/manifest.json",
      failed_job_ids: ["unit", "lint"],
      stages: [
        { name: "test", job_ids: ["lint", "unit", "flaky", "docs"] },
        { name: "ship", job_ids: ["deploy"] },
        { name: "empty", job_ids: [] },
      ],
      jobs: [
        {
          job_id: "lint",
          stage: "test",
          status: "success",
          blocking: true,
          needs: [],
          exit_code: 0,
          duration_ms: 700,
          ...paths("lint"),
        },
        {
          job_id: "unit",
          stage: "test",
          status: "failed",
          blocking: true,
          needs: ["lint"],
          exit_code: 3,
          duration_ms: 700,
          ...paths("unit"),
        },
        {
          job_id: "flaky",
          stage: "test",
          status: "failed",
          blocking: false,
          needs: [],
          duration_ms: 700,
          ...paths("flaky"),
        },
        {
          job_id: "deploy",
          stage: "ship",
          status: "skipped",
          blocking: true,
          needs: ["lint", "unit"],
          skip_reason: "upstream_failed",
          blocked_by: ["unit"],
          ...paths("deploy"),
        },
        {
          job_id: "docs",
          stage: "test",
          status: "skipped",
          blocking: true,
          needs: [],
          skip_reason: "not_selected",
          kept_from: EARLIER,
          ...paths("docs"),
        },
        {
          job_id: "notify",
          stage: "nowhere",
          status: "cancelled",
          blocking: true,
          needs: [],
          ...paths("notify"),
        },
      ],
      events_path: "pipeline/events.jsonl",
    });
  });

  test("pipelineManifest() names no failing job of a run without one", () => {
    expect(pipelineManifest(IDENTITY, SUCCESS, { graph: graphOf([]), jobs: [] })).toStrictEqual({
      ...HEAD,
      status: "success",
      stages: [],
      jobs: [],
      events_path: "pipeline/events.jsonl",
    });
  });
});

describe("executorReceipt()", () => {
  test("executorReceipt() tells of each job how it ended, and how long it took if it started", () => {
    expect(executorReceipt(2, JOBS)).toStrictEqual({
      concurrency: 2,
      jobs: [
        { job_id: "lint", provider: "host", status: "success", exit_code: 0, duration_ms: 700 },
        { job_id: "unit", provider: "docker", status: "failed", exit_code: 3, duration_ms: 700 },
        { job_id: "flaky", status: "failed", duration_ms: 700 },
        { job_id: "deploy", status: "skipped" },
        { job_id: "docs", status: "skipped" },
        { job_id: "notify", status: "cancelled" },
      ],
    });
  });
});

describe("runError()", () => {
  test("runError() is absent for a success, and names a job only if one is to blame", () => {
    expect(runError(SUCCESS)).toBeUndefined();
    const failure: RunResult = { status: "failure", exitCode: 1, error: ERROR, failedJobIds: [] };
    expect(runError(failure)).toStrictEqual(ERROR);
    expect(runError({ ...failure, error: { ...ERROR, jobId: jobId("unit") } })).toStrictEqual({
      ...ERROR,
      job_id: "unit",
    });
  });
});
