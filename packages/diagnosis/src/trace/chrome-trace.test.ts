import { openRun, readRecords } from "@loom/artifacts";
import {
  epochMs,
  jobId,
  unwrap,
  type EpochMs,
  type RecordedEvent,
  type SectionName,
  type StreamRef,
} from "@loom/core";
import { wireTime } from "@loom/record";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { playOnDisk, type DiskPlay } from "../../test/play-on-disk.ts";
import { chromeTrace, type ChromeSpan, type ChromeTrace } from "./chrome-trace.ts";

const GRAPH = graphOf([
  { id: "install", stage: "prepare" },
  {
    id: "unit",
    stage: "check",
    script: ["make deps", "make test"],
    step_options: [{ step: 2, name: "Tests" }],
    retry: { max: 1, on: ["failure"] },
  },
  { id: "lint", stage: "check" },
  { id: "types", stage: "check" },
  { id: "deploy", stage: "end" },
]);

async function traceOf(play: Partial<DiskPlay>): Promise<ChromeTrace> {
  const { directory, runId } = playOnDisk(temporaryDirectory(), { graph: GRAPH, ...play });
  const records = unwrap(await readRecords(unwrap(await openRun(directory))));
  const trace = chromeTrace(runId, records);
  if (trace === undefined) throw new Error("No trace");
  checkImport(trace);
  return trace;
}

function spansOf({ traceEvents }: ChromeTrace): readonly ChromeSpan[] {
  return traceEvents.filter((event) => event.ph === "X");
}

/** Thread, start and length in milliseconds, and name. */
function rowsOf(trace: ChromeTrace): readonly string[] {
  return spansOf(trace).map(({ tid, ts, dur, name }) => `${tid} ${ts / 1000}+${dur / 1000} ${name}`);
}

/** What Perfetto's importer asks of a trace; what breaks it, it drops or shows wrongly. */
function checkImport(trace: ChromeTrace): void {
  expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
  const named = new Set(
    trace.traceEvents.flatMap((event) => (event.name === "thread_name" ? [event.tid] : [])),
  );
  const open = new Map<number, ChromeSpan[]>();
  let last: { readonly tid: number; readonly ts: number } | undefined;
  for (const span of spansOf(trace)) {
    const { tid, ts, dur, name } = span;
    expect(named.has(tid), `thread ${tid} is named`).toBe(true);
    expect(
      [ts, dur].every((each) => Number.isSafeInteger(each) && each >= 0),
      `${name}: ${ts} ${dur}`,
    ).toBe(true);
    expect(name).not.toBe("");
    if (last?.tid === tid) expect(ts, "in the order of their starts").toBeGreaterThanOrEqual(last.ts);
    last = span;
    const around = open.get(tid) ?? [];
    open.set(tid, around);
    for (let top = around.at(-1); top !== undefined && top.ts + top.dur <= ts; top = around.at(-1))
      around.pop();
    const outer = around.at(-1);
    if (outer !== undefined)
      expect(ts + dur, `${name} in ${outer.name}`).toBeLessThanOrEqual(outer.ts + outer.dur);
    around.push(span);
  }
}

describe("chromeTrace()", () => {
  test("shows a failed run: its phases, and each job in its slot with its sections and steps", async () => {
    const trace = await traceOf({
      step: (job, step) => ({
        ms: job === "lint" ? 5 : 20,
        ...(job === "unit" && step === 2 && { end: { kind: "exited", exitCode: 3 } }),
      }),
    });
    expect(
      trace.traceEvents.flatMap(({ name, tid, args }) =>
        name.endsWith("_name") ? [{ name, tid, args }] : [],
      ),
    ).toEqual([
      { name: "process_name", tid: 0, args: { name: "loom-run-local-1" } },
      { name: "thread_name", tid: 0, args: { name: "run" } },
      { name: "thread_name", tid: 1, args: { name: "slot 1" } },
      { name: "thread_name", tid: 2, args: { name: "slot 2" } },
    ]);
    expect(rowsOf(trace)).toMatchInlineSnapshot(`
      [
        "0 0+107 run",
        "0 0+1 run.bootstrap",
        "0 1+105 pipeline.execute",
        "0 106+0 deploy",
        "0 106+1 run.finalize",
        "1 1+22 install",
        "1 2+0 provider",
        "1 2+20 true",
        "1 23+0 cleanup",
        "1 23+83 unit",
        "1 24+0 provider",
        "1 24+20 make deps",
        "1 44+20 Tests: make test",
        "1 65+0 provider",
        "1 65+20 make deps",
        "1 85+20 Tests: make test",
        "1 106+0 cleanup",
        "2 23+7 lint",
        "2 24+0 provider",
        "2 24+5 true",
        "2 30+0 cleanup",
        "2 30+22 types",
        "2 31+0 provider",
        "2 31+20 true",
        "2 52+0 cleanup",
      ]
    `);
    const named = (name: string): unknown => spansOf(trace).findLast((span) => span.name === name)?.args;
    expect(named("Tests: make test")).toMatchInlineSnapshot(`
      {
        "attempt": 2,
        "command": "make test",
        "error": "Step 2 exited with code 3",
        "error_code": "exit_code",
        "exit_code": 3,
        "status": "failed",
        "step": 2,
      }
    `);
    expect(named("unit")).toMatchInlineSnapshot(`
      {
        "error": "Step 2 exited with code 3",
        "error_code": "exit_code",
        "exit_code": 3,
        "reason": "exit_code",
        "status": "failed",
      }
    `);
    expect(named("deploy")).toMatchInlineSnapshot(`
      {
        "reason": "stage_blocked",
        "status": "skipped",
      }
    `);
    expect(trace.otherData.started_at).toBe("2026-01-01T00:00:00.000Z");
  });

  test("ends what a run that was killed left open with its last record", async () => {
    const trace = await traceOf({ step: () => ({ ms: 500 }), dieAtMs: 600 });
    const open = spansOf(trace).filter(({ args }) => args["status"] === "running");
    expect(open.map(({ name }) => name)).toMatchInlineSnapshot(`
      [
        "run",
        "pipeline.execute",
        "unit",
        "make deps",
        "lint",
        "true",
      ]
    `);
  });

  test("keeps the rules of the importer whatever is missing, and however the clock went", () => {
    const { records } = playOnDisk(temporaryDirectory(), {
      graph: GRAPH,
      concurrency: 3,
      step: (_, step) => (step === 2 ? { end: { kind: "exited", exitCode: 3 } } : { ms: 0 }),
    });
    const change = fc.record({ isMissing: fc.boolean(), byMs: fc.integer({ min: -40, max: 40 }) });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: records.length, maxLength: records.length }),
        fc.nat(4),
        (changes, share) => {
          const left = records.flatMap(({ stream, record }, index): RecordedEvent[] => {
            const { isMissing = false, byMs = 0 } = changes[index] ?? {};
            const atMs = epochMs(Date.parse(record.ts) + byMs);
            const isLeft = !isMissing || index % 5 >= share;
            return isLeft ? [{ stream, record: { ...record, ts: wireTime(atMs) }, atMs }] : [];
          });
          const trace = chromeTrace("loom-run-local-1", left);
          if (trace !== undefined) checkImport(trace);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("draws a section inside of the one that waits for it, and jobs one after the other", () => {
    const at = (ms: number): { atMs: EpochMs; ts: string } => ({
      atMs: epochMs(ms),
      ts: wireTime(epochMs(ms)),
    });
    const records: RecordedEvent[] = [];
    const add = (ms: number, stream: StreamRef, record: object): void => {
      const { atMs, ts } = at(ms);
      const seq = records.length + 1;
      records.push({ stream, record: { seq, ts, ...record } as RecordedEvent["record"], atMs });
    };
    const move = (ms: number, to: string, job = "unit"): void =>
      add(ms, { kind: "pipeline" }, { event: "job_state", job_id: job, to });
    const bound = (ms: number, event: string, section: SectionName, job = "unit"): void =>
      add(ms, { kind: "section", jobId: jobId(job), section }, { event, phase_code: "job.cleanup" });
    move(5, "running");
    bound(5, "phase_start", "provider");
    bound(6, "phase_start", "image_build");
    bound(8, "phase_finish", "image_build");
    bound(8, "phase_start", "services");
    bound(10, "phase_finish", "services");
    bound(10, "phase_finish", "provider");
    bound(10, "phase_start", "cleanup");
    bound(10, "phase_finish", "cleanup");
    move(10, "success");
    move(10, "running", "lint");
    move(12, "success", "lint");
    const trace = chromeTrace("loom-run-local-1", records);
    if (trace === undefined) throw new Error("No trace");
    checkImport(trace);
    expect(rowsOf(trace)).toEqual([
      "1 0+5 unit",
      "1 0+5 provider",
      "1 1+2 image_build",
      "1 3+2 services",
      "1 5+0 cleanup",
      "1 5+2 lint",
    ]);
  });

  test("is undefined for no records", () => {
    expect(chromeTrace("loom-run-local-1", [])).toBeUndefined();
  });
});
