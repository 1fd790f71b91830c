import { EMPTY_GRAPH, epochMs } from "@loom/core";
import { expect, test } from "vitest";
import type { PastEvent } from "./past-run.ts";
import { receiptPlace, recordedContext } from "./recorded-receipt.ts";

const PLACE = { directory: "/repo/.loom/.runtime/logs/run", startedAtMs: epochMs(7) };

function log(facts: object, kind = "run", event = "log"): PastEvent {
  return { path: "events.jsonl", stream: { kind }, record: { event, ...facts } } as never;
}

test("recordedContext() reads what the run's own stream tells, the first of each fact", () => {
  const graph = {
    schema: EMPTY_GRAPH.schema,
    stages: ["s"],
    nodes: [{ id: "a", stage: "s", target: "linux", script: ["true"] }],
    edges: [],
  };
  const records = [
    log({ snapshot_path: "/elsewhere" }, "pipeline"),
    log({ head_sha: "no log" }, "run", "job_state"),
    log({ repo_root: "/src", loom_version: "1.2.3", command: ["loom", "run", 7], workflow_path: "ci/w.yml" }),
    log({ repo_root: "/other", snapshot_path: "/snapshot", snapshot_of: "staged" }),
    log({ head_sha: "0123", graph_ir: graph }),
    log({ head_sha: "4567", snapshot_path: "/later" }),
  ];
  expect(recordedContext(records, PLACE)).toEqual({
    loomVersion: "1.2.3",
    command: ["loom", "run", "7"],
    repoRoot: "/src",
    workflowPath: "/src/ci/w.yml",
    snapshotPath: "/snapshot",
    snapshotOf: "staged",
    headSha: "0123",
    graph,
    startedAtMs: 7,
  });
});

test.each([
  [[]],
  [[log({ repo_root: 7, loom_version: 7, command: "x", workflow_path: 7, head_sha: 7, graph_ir: 7 })]],
])("recordedContext() goes by the place of the run where its stream tells nothing: %j", (records) => {
  expect(recordedContext(records, PLACE)).toEqual({
    loomVersion: "unknown",
    command: ["loom", "run"],
    repoRoot: "/repo",
    workflowPath: "/repo/.loom/workflow.yml",
    snapshotPath: undefined,
    headSha: undefined,
    graph: EMPTY_GRAPH,
    startedAtMs: 7,
  });
});

test.each([
  ["staged", "staged"],
  ["commit", "commit"],
  ["branch", undefined],
])("recordedContext() reads a snapshot of %j as one of %j", (fact, expected) => {
  expect(recordedContext([log({ snapshot_of: fact })], PLACE).snapshotOf).toBe(expected);
});

test("receiptPlace() is beside the logs of a run that lies where runs do", () => {
  expect(receiptPlace("/repo/.loom/.runtime/logs/run", "id")).toBe("/repo/.loom/.runtime/receipts/id.json");
  expect(receiptPlace("/copy/logs/run", "id")).toBeUndefined();
  expect(receiptPlace("/repo/.loom/.runtime/logs/run/more", "id")).toBeUndefined();
});
