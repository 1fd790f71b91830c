// Carries out the task that it is given, in a process of its own, and prints the seconds that it took.
import { performance } from "node:perf_hooks";
import { ByteBuffer, encodeLines } from "@loom/artifacts";
import { GRAPH_IR_SCHEMA, planRun, type GraphIr, type GraphNode } from "@loom/core";
import { recogniseErrors } from "@loom/diagnosis/errors";
import { LineSplitter } from "@loom/engine";
import { createPhaseValidator, createStreamReader } from "@loom/phase-validator";
import { createSchedule } from "@loom/scheduler";
import { compileWorkflow } from "@loom/workflow";
import type { LineBatch } from "@loom/ports";
import type { Task } from "./in-process.ts";
import { independentJobs } from "./workloads.ts";

const LAYER = 1000;

const TASKS: { readonly [T in Task]: () => number } = {
  schedule: () => scheduleSeconds(100_000),
  compile: () => {
    const text = independentJobs(10_000).workflow;
    return seconds(() => {
      if (!compileWorkflow({ path: "w.yml", text }).ok) throw new Error("The workflow does not compile");
    });
  },
  split: () => {
    let found = 0;
    const splitter = new LineSplitter((_, ends) => (found += ends.length));
    const taken = seconds(() => {
      for (let chunk = 0; chunk < CHUNKS; chunk += 1) splitter.push(CHUNK);
    });
    if (found !== CHUNKS * CHUNK_LINES) throw new Error("Not all lines were found");
    return taken;
  },
  encode: () => {
    const records = new ByteBuffer();
    return seconds(() => {
      for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
        records.length = 0;
        encodeLines(batch(chunk), records);
      }
    });
  },
  judge: () => {
    const encoded = Array.from({ length: CHUNKS }, (_, chunk) => {
      const records = new ByteBuffer();
      encodeLines(batch(chunk), records);
      return Buffer.from(records.bytes.subarray(0, records.length));
    });
    const reader = createStreamReader(createPhaseValidator(), "jobs/a/1/steps/1/events.jsonl");
    return seconds(() => {
      for (const bytes of encoded) reader.chunk(bytes);
      reader.end();
    });
  },
  recognise: () => {
    const lines = Array.from({ length: 10_000 }, (_, line) =>
      line % 100 === 0
        ? `src/module/file.ts(${line},7): error TS2322: Type 'string' is not assignable to type 'number'.`
        : `[12:00:01] compiled src/module/some/longer/path/file-${line}.ts in 12 ms, nothing to be seen in here`,
    );
    return seconds(() => {
      if (recogniseErrors(lines).length !== 100) throw new Error("Not all errors were recognised");
    });
  },
};

/** What a pipe gives at once: 640 lines of 100 bytes with their newline. */
const CHUNK_LINES = 640;
const CHUNK = Buffer.from(`${"x".repeat(99)}\n`.repeat(CHUNK_LINES));
const ENDS = Array.from({ length: CHUNK_LINES }, (_, line) => line * 100 + 99);
/** 102 MB. */
const CHUNKS = 1600;

function batch(chunk: number): LineBatch {
  const firstSeq = 1 + chunk * CHUNK_LINES;
  return {
    stream: "stdout",
    firstSeq,
    ts: "2026-01-01T00:00:00.000Z",
    bytes: CHUNK,
    ends: ENDS,
    partial: false,
  };
}

function scheduleSeconds(jobs: number): number {
  const plan = planRun(layeredGraph(jobs), { concurrency: 4 });
  return seconds(() => {
    const schedule = createSchedule(plan);
    schedule.begin();
    let settled = 0;
    for (let next = schedule.take(); next !== undefined; next = schedule.take()) {
      schedule.settle(next, { status: "success" });
      settled += 1;
    }
    if (settled !== jobs) throw new Error(`${settled} of ${jobs} jobs ran`);
  });
}

/** Layers of jobs that each need three of the layer above. */
function layeredGraph(count: number): GraphIr {
  const nodes = Array.from({ length: count }, (_, job): GraphNode => {
    const above = job - (job % LAYER) - LAYER;
    const needs = (above < 0 ? [] : [0, 331, 662]).map((need) => `job-${above + ((job * 7 + need) % LAYER)}`);
    return { id: `job-${job}`, stage: "s", target: "linux", script: ["x"], needs };
  });
  return { schema: GRAPH_IR_SCHEMA, stages: ["s"], nodes, edges: [] };
}

function seconds(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

const task = process.argv[2];
if (task === undefined || !Object.hasOwn(TASKS, task)) throw new Error(`There is no task "${task ?? ""}"`);
process.stdout.write(`${TASKS[task as Task]()}\n`);
