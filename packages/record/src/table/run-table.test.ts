import { GRAPH_IR_SCHEMA, jobId, type JobStatus, type LogEvent, type StreamRef } from "@loom/core";
import { expect, test } from "vitest";
import { RunTable } from "./run-table.ts";

const RUN: StreamRef = { kind: "run" };
const PIPELINE: StreamRef = { kind: "pipeline" };

function ts(second: number): string {
  return new Date(1_772_865_600_000 + second * 1000).toISOString();
}

function compiled(ids: readonly string[], facts: object = {}): LogEvent {
  const nodes = ids.map((id) => ({ id, stage: "all", target: "linux", script: ["true"] }));
  const graph_ir = { schema: GRAPH_IR_SCHEMA, stages: ["all"], nodes, edges: [] };
  return { seq: 1, ts: ts(0), event: "log", level: "info", message: "", graph_ir, ...facts } as LogEvent;
}

function move(table: RunTable, id: string, to: JobStatus, more: object = {}): unknown {
  const base = { seq: 2, event: "job_state", ts: ts(1), job_id: jobId(id), from: "pending", to } as const;
  return table.record(PIPELINE, { ...base, ...more });
}

test("RunTable has the jobs of the graph in their order, and what the run was told", () => {
  const table = new RunTable();
  table.record(RUN, compiled(["b", "a"], { concurrency: 2.5, fail_fast: true, selected: ["a"] }));
  expect(table.rows().map(({ jobId: id, status }) => [id, status])).toEqual([
    ["b", "pending"],
    ["a", "pending"],
  ]);
  expect(table.plan).toMatchObject({ concurrency: 2, failFast: true, selected: new Set(["a"]) });
});

test("RunTable has of a run with withheld jobs those that may take place", () => {
  const selectedOf = (facts: object): unknown => {
    const table = new RunTable();
    table.record(RUN, compiled(["b", "a", "c"], facts));
    return table.plan?.selected;
  };
  expect(selectedOf({ withheld: { a: "manual" } })).toEqual(new Set(["b", "c"]));
  expect(selectedOf({ withheld: { a: "manual" }, selected: ["a", "b"] })).toEqual(new Set(["b"]));
  expect(selectedOf({ withheld: 1 })).toBeUndefined();
});

test("RunTable knows which jobs wait for somebody to ask for them", () => {
  const table = new RunTable();
  const script = { stage: "all", target: "linux", script: ["true"] };
  const nodes = [
    { ...script, id: "build" },
    { ...script, id: "tag", when: "manual" },
    { ...script, id: "deploy", when: "manual", needs: ["build", "tag"] },
    { ...script, id: "announce", needs: ["deploy"] },
    { ...script, id: "other", when: "manual" },
  ];
  const graph_ir = { schema: GRAPH_IR_SCHEMA, stages: ["all"], nodes, edges: [] };
  const withheld = { tag: "manual", deploy: "manual", announce: "manual", other: "manual" };
  const waiting = (): string[] =>
    table.rows().flatMap(({ jobId: id, waits }) => (waits === true ? [id] : []));
  const asks = (job: string): unknown =>
    table.record(RUN, { seq: 3, ts: ts(2), event: "log", level: "info", message: "", play: job });
  table.record(RUN, compiled([], { graph_ir, withheld }));
  expect(waiting()).toEqual(["tag", "deploy", "announce", "other"]);
  expect(asks("build")).toBeUndefined();
  expect(asks("deploy")).toEqual({ kind: "played" });
  expect(waiting()).toEqual(["other"]);
  expect(table.plan?.selected).toEqual(new Set(["build", "tag", "deploy", "announce"]));
  move(table, "other", "skipped", { reason: "manual" });
  expect(waiting()).toEqual([]);
});

test("RunTable follows a job, and leaves one that has ended as it is", () => {
  const table = new RunTable();
  table.record(RUN, compiled(["a"]));
  move(table, "a", "ready");
  move(table, "a", "running", { ts: ts(3) });
  move(table, "a", "failed", { ts: ts(5), reason: "exit_code" });
  expect(move(table, "a", "running", { ts: ts(9) })).toBeUndefined();
  expect(move(table, "a", "success", { ts: ts(9) })).toBeUndefined();
  const at = (second: number): number => Date.parse(ts(second));
  expect(table.row(jobId("a"))).toMatchObject({
    status: "failed",
    readyAtMs: at(1),
    startedAtMs: at(3),
    endedAtMs: at(5),
    reason: "exit_code",
    blockedBy: [],
  });
  expect(table.endedIds).toEqual(["a"]);
});

test("RunTable takes the first graph that can be read, and jobs that none names", () => {
  const table = new RunTable();
  move(table, "a", "ready");
  move(table, "x", "skipped", { reason: "stage_blocked", blocked_by: [jobId("a")] });
  expect(
    table.record(RUN, { ...compiled([]), graph_ir: { schema: GRAPH_IR_SCHEMA } } as LogEvent),
  ).toBeUndefined();
  expect(table.plan).toBeUndefined();
  table.record(RUN, compiled(["b", "a"]));
  expect(table.record(RUN, compiled(["c"]))).toBeUndefined();
  expect(table.rows().map(({ jobId: id, status, node }) => [id, status, node !== undefined])).toEqual([
    ["b", "pending", true],
    ["a", "ready", true],
    ["x", "skipped", false],
  ]);
  expect(table.record(PIPELINE, compiled(["d"]))).toBeUndefined();
});

test("RunTable knows which job is held after a step that failed, until it goes on", () => {
  const table = new RunTable();
  table.record(RUN, compiled(["a"]));
  move(table, "a", "running");
  const log = { seq: 3, ts: ts(2), event: "log", level: "warn", message: "" } as const;
  const hold = (): unknown => table.record(RUN, { ...log, job_paused: "a", step: 2, timeout_ms: 5000 });
  const paused = { step: 2, sinceMs: Date.parse(ts(2)), untilMs: Date.parse(ts(7)) };
  expect(hold()).toMatchObject({ kind: "pause", row: { status: "running", paused } });
  expect(table.row(jobId("a"))?.paused).toEqual(paused);
  expect(table.record(RUN, { ...log, resume_job: "a", how: "retry_step" })).toMatchObject({ kind: "pause" });
  expect(table.row(jobId("a"))).not.toHaveProperty("paused");
  hold();
  const step: StreamRef = { kind: "step", jobId: jobId("a"), step: 2 };
  table.record(step, { seq: 9, ts: ts(9), event: "phase_start", phase_code: "step.script" } as never);
  expect(table.row(jobId("a"))).not.toHaveProperty("paused");
  hold();
  move(table, "a", "failed");
  expect(table.row(jobId("a"))).not.toHaveProperty("paused");
  expect(hold()).toBeUndefined();
});
