import { GRAPH_IR_SCHEMA, jobId, type LoomEvent, type OutputEvent, type StreamRef } from "@loom/core";
import { expect, test } from "vitest";
import { RunSpans } from "./run-spans.ts";
import type { RunSpan } from "./run-span.ts";

const RUN: StreamRef = { kind: "run" };
const PIPELINE: StreamRef = { kind: "pipeline" };
const UNIT = jobId("unit");
const SECTION: StreamRef = { kind: "section", jobId: UNIT, section: "provider" };
const STEP: StreamRef = { kind: "step", jobId: UNIT, step: 2 };
const JOB: StreamRef = { kind: "job", jobId: UNIT };

/** Gives records, each with its second, to a fold. */
function fold(
  records: readonly (readonly [second: number, StreamRef, object])[],
  spans: RunSpans = new RunSpans(),
): readonly RunSpan[] {
  return records.flatMap(([second, stream, record], index) => {
    const ts = new Date(1_772_865_600_000 + second * 1000).toISOString();
    const event = { seq: index + 1, ts, ...record } as Exclude<LoomEvent, OutputEvent>;
    return spans.record(stream, event);
  });
}

const start = (phase_code: string, more: object = {}): object => ({
  event: "phase_start",
  phase_code,
  ...more,
});
const finish = (phase_code: string, status: string, more: object = {}): object => ({
  event: "phase_finish",
  phase_code,
  status,
  ...more,
});
const move = (to: string, more: object = {}): object => ({ event: "job_state", job_id: "unit", to, ...more });

const GRAPH = {
  event: "log",
  graph_ir: {
    schema: GRAPH_IR_SCHEMA,
    stages: ["all"],
    nodes: [
      {
        id: "unit",
        stage: "all",
        target: "linux",
        before_script: ["a"],
        script: ["make test"],
        step_options: [{ step: 2, name: "Tests" }],
      },
    ],
    edges: [],
  },
};

const EXIT = { code: "exit_code", message: "Step 2 exited with code 3" };

test("RunSpans gives each span with its parent, what it ran and how it ended, those inside others first", () => {
  const ended = fold([
    [0, RUN, start("run.bootstrap")],
    [1, RUN, GRAPH],
    [1, RUN, finish("run.bootstrap", "success")],
    [1, RUN, start("run.pipeline_execute")],
    [1, PIPELINE, start("pipeline.execute")],
    [2, PIPELINE, move("running")],
    [2, JOB, start("job.provider_prepare")],
    [2, SECTION, start("job.provider_prepare")],
    [3, SECTION, finish("job.provider_prepare", "success")],
    [3, JOB, finish("job.provider_prepare", "success")],
    [3, STEP, start("step.script", { attempt: 2 })],
    [5, STEP, finish("step.script", "failed", { attempt: 2, exit_code: 3, error: EXIT })],
    [6, PIPELINE, move("failed", { reason: "exit_code" })],
    [6, PIPELINE, finish("pipeline.execute", "failed")],
    [6, RUN, finish("run.pipeline_execute", "failed")],
    [6, RUN, start("run.finalize")],
    [7, RUN, finish("run.finalize", "success")],
  ]);
  expect(
    ended.map(({ id, parent, status, startedAtMs, endedAtMs }) => [
      id,
      parent,
      status,
      (endedAtMs - startedAtMs) / 1000,
    ]),
  ).toEqual([
    ["run.bootstrap", "run", "success", 1],
    ["jobs/unit/1/provider", "jobs/unit", "success", 1],
    ["jobs/unit/2/2", "jobs/unit", "failed", 2],
    ["jobs/unit", "pipeline.execute", "failed", 4],
    ["pipeline.execute", "run", "failed", 5],
    ["run.finalize", "run", "success", 1],
    ["run", undefined, "failed", 7],
  ]);
  expect(ended[2]).toMatchObject({ command: "make test", name: "Tests", part: "script", exitCode: 3 });
  expect(ended[3]).toMatchObject({ exitCode: 3, error: EXIT });
});

test("RunSpans has what is still open, up to the last record", () => {
  const spans = new RunSpans();
  expect(spans.open()).toEqual([]);
  fold(
    [
      [0, RUN, start("run.bootstrap")],
      [1, PIPELINE, move("running")],
      [2, STEP, start("step.script")],
      [9, RUN, { event: "log" }],
    ],
    spans,
  );
  expect(
    spans.open().map(({ id, status, startedAtMs, endedAtMs }) => [id, status, endedAtMs - startedAtMs]),
  ).toEqual([
    ["jobs/unit/1/2", "running", 7000],
    ["jobs/unit", "running", 8000],
    ["run.bootstrap", "running", 9000],
    ["run", "running", 9000],
  ]);
});

test("RunSpans has a job that never ran as a span that took no time, once", () => {
  const skipped = move("skipped", { reason: "upstream_failed" });
  expect(
    fold([
      [2, PIPELINE, skipped],
      [3, PIPELINE, skipped],
    ]),
  ).toMatchObject([
    { id: "jobs/unit", status: "skipped", reason: "upstream_failed", startedAtMs: 1_772_865_602_000 },
  ]);
});

test("RunSpans passes over ends without a start, second starts and times that are none, and no span ends before it began", () => {
  const ended = fold([
    [0, STEP, finish("step.script", "success")],
    [5, STEP, start("step.script")],
    [6, STEP, start("step.script")],
    [7, SECTION, { ...start("job.provider_prepare"), ts: "yesterday" }],
    [7, SECTION, finish("job.provider_prepare", "success")],
    [1, STEP, finish("step.script", "failed", { tolerated: true, signal: "SIGKILL" })],
  ]);
  expect(ended).toMatchObject([{ id: "jobs/unit/1/2", tolerated: true, signal: "SIGKILL" }]);
  expect(ended[0]?.endedAtMs).toBe(ended[0]?.startedAtMs);
});
