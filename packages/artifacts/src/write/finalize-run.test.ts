import { EMPTY_GRAPH, epochMs, err, ok, runIdentity, type Result, type EventError } from "@loom/core";
import { expect, test } from "vitest";
import type { Receipt } from "../documents/receipt.ts";
import { finalizeRun } from "./finalize-run.ts";
import type { RunRecorder } from "./run-recorder.ts";

const NO_SPACE: EventError = {
  code: "ARTIFACTS_WRITE_FAILED",
  message: "Cannot write it: no space left on device",
};
const SUCCESS = { status: "success", exitCode: 0, failedJobIds: [] } as const;

/** The receipt that a run gets whose documents are written like this, and what is answered. */
function finalized(documents: Result<void, EventError>, receipt: Result<void, EventError> = ok(undefined)) {
  let noted: Receipt | undefined;
  const recorder: RunRecorder = {
    record: () => undefined,
    lines: () => undefined,
    flush: () => undefined,
    close: () => undefined,
    isClosed: false,
    finalDocuments: () => documents,
    executorReceipt: (concurrency) => ({ concurrency, jobs: [] }),
    writeReceipt: (_path, given) => {
      noted = given;
      return receipt;
    },
  };
  const identity = runIdentity(1n);
  const answer = finalizeRun(
    recorder,
    { outcome: SUCCESS, finishedAtMs: epochMs(1500), phaseReport: { status: "valid", document: {} } },
    {
      identity,
      runDirectory: `/repo/.loom/.runtime/logs/${identity.runId}`,
      receiptPath: `/repo/.loom/.runtime/receipts/${identity.runId}.json`,
      concurrency: 2,
      context: {
        loomVersion: "1.2.3",
        command: ["loom", "run"],
        repoRoot: "/repo",
        workflowPath: "/repo/.loom/workflow.yml",
        snapshotPath: "/cache/workspace",
        snapshotOf: "staged",
        headSha: "0123",
        graph: EMPTY_GRAPH,
        startedAtMs: epochMs(1000),
      },
    },
  );
  return { answer, noted };
}

test("finalizeRun() writes a receipt that points at the run", () => {
  const { answer, noted } = finalized(ok(undefined));
  expect(answer).toEqual(ok(undefined));
  expect(noted).toEqual({
    schema_version: "v1",
    kind: "loom-run-local",
    loom_version: "1.2.3",
    command: ["loom", "run"],
    repo_root: "/repo",
    workflow_path: "/repo/.loom/workflow.yml",
    started_at: "1970-01-01T00:00:01.000Z",
    finished_at: "1970-01-01T00:00:01.500Z",
    duration_ms: 500,
    status: "success",
    exit_code: 0,
    run_id: "loom-run-local-1",
    logs_dir: "/repo/.loom/.runtime/logs/loom-run-local-1",
    events_jsonl_path: "/repo/.loom/.runtime/logs/loom-run-local-1/events.jsonl",
    phase_report_path: "/repo/.loom/.runtime/logs/loom-run-local-1/phase-report.json",
    snapshot_path: "/cache/workspace",
    snapshot_of: "staged",
    snapshot_head_sha: "0123",
    graph_ir: EMPTY_GRAPH,
    executor_receipt: { concurrency: 2, jobs: [] },
  });
});

test("finalizeRun() says in the receipt that a run failed whose documents could not be written", () => {
  const { answer, noted } = finalized(err(NO_SPACE));
  expect(answer).toEqual(err(NO_SPACE));
  expect(noted).toMatchObject({ status: "failure", exit_code: 1, error: NO_SPACE.message });
});

test("finalizeRun() returns why the receipt could not be written", () => {
  expect(finalized(ok(undefined), err(NO_SPACE)).answer).toEqual(err(NO_SPACE));
});
