import { epochMs, jobId, runIdentity, type RunResult } from "@loom/core";
import { graphOf } from "@loom/testkit";
import { expect, test } from "vitest";
import { composeReceipt, type ReceiptContext, type ReceiptOutcome } from "./compose-receipt.ts";

const { runId } = runIdentity(1n);
const GRAPH = graphOf([{ id: "unit" }]);
const CONTEXT: ReceiptContext = {
  loomVersion: "1.2.3",
  command: ["loom", "run"],
  repoRoot: "/repo",
  workflowPath: "/repo/.loom/workflow.yml",
  graph: GRAPH,
  startedAtMs: epochMs(Date.UTC(2026, 2, 7, 6, 40, 0, 10)),
};

function run(outcome: RunResult): ReceiptOutcome {
  return {
    runId,
    runDirectory: "/repo/logs/1",
    outcome,
    finishedAtMs: epochMs(Date.UTC(2026, 2, 7, 6, 40, 2, 15)),
    executor: { concurrency: 2, jobs: [{ job_id: jobId("unit"), status: "success" }] },
  };
}

const ALWAYS = {
  schema_version: "v1",
  kind: "loom-run-local",
  loom_version: "1.2.3",
  command: ["loom", "run"],
  repo_root: "/repo",
  workflow_path: "/repo/.loom/workflow.yml",
  started_at: "2026-03-07T06:40:00.010Z",
  finished_at: "2026-03-07T06:40:02.015Z",
  duration_ms: 2005,
  run_id: runId,
  logs_dir: "/repo/logs/1",
  events_jsonl_path: "/repo/logs/1/events.jsonl",
  phase_report_path: "/repo/logs/1/phase-report.json",
  graph_ir: GRAPH,
  executor_receipt: { concurrency: 2, jobs: [{ job_id: "unit", status: "success" }] },
};

test("composeReceipt() leaves out what a run in the live checkout does not have", () => {
  const receipt = composeReceipt(CONTEXT, run({ status: "success", exitCode: 0, failedJobIds: [] }));
  expect(receipt).toStrictEqual({ ...ALWAYS, status: "success", exit_code: 0 });
});

test("composeReceipt() tells what was run, and why it failed", () => {
  const context: ReceiptContext = {
    ...CONTEXT,
    snapshotPath: "/tmp/snapshot",
    snapshotOf: "staged",
    headSha: "0123456789abcdef0123456789abcdef01234567",
  };
  const error = { code: "exit_code", message: "Step 1 exited with code 3" } as const;
  const outcome: RunResult = { status: "failure", exitCode: 1, error, failedJobIds: [jobId("unit")] };
  expect(composeReceipt(context, run(outcome))).toStrictEqual({
    ...ALWAYS,
    status: "failure",
    exit_code: 1,
    error: error.message,
    snapshot_path: "/tmp/snapshot",
    snapshot_of: "staged",
    snapshot_head_sha: context.headSha,
  });
});
