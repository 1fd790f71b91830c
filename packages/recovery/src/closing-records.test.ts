import type { RunRecorder } from "@loom/artifacts";
import { epochMs, err, jobId, ok, runIdentity } from "@loom/core";
import { expect, test } from "vitest";
import { ClosingRecords } from "./closing-records.ts";
import type { ReadRun } from "./past-run.ts";

const TS = "2026-01-01T00:00:00.000Z";
const IDENTITY = runIdentity(1_767_225_600_123_000_000n);
const PAST: ReadRun = {
  records: [],
  outputs: new Map(),
  mirrors: new Map(),
  torn: [],
  gaps: [],
  lastSeq: 7,
  lastTs: TS,
};

interface Arranged {
  readonly closing: ClosingRecords;
  /** What was recorded, with "flush" where it was handed on. */
  readonly told: unknown[];
}

function arrange(past: Partial<ReadRun> = {}): Arranged {
  const told: unknown[] = [];
  const recorder = {
    record: (stream: { readonly kind: string }, record: object) => told.push({ in: stream.kind, ...record }),
    flush: () => told.push("flush"),
  } as unknown as RunRecorder;
  return { closing: new ClosingRecords(recorder, { ...PAST, ...past }, IDENTITY), told };
}

function lost(seq: number): object {
  const message = "The record with this number was not on disk yet when loom ended";
  return { in: "run", seq, ts: TS, event: "log", level: "warn", message, lost: true };
}

test("fillGaps() puts a note in the place of each lost record after the last of the run's stream", () => {
  const of = (kind: string, seq: number): never =>
    ({ path: "x", stream: { kind, jobId: jobId("a") }, record: { seq }, atMs: epochMs(0) }) as never;
  const { closing, told } = arrange({
    records: [of("run", 1), of("run", 4), of("job", 9)],
    gaps: [
      [2, 3],
      [5, 6],
      [8, 8],
    ],
  });
  closing.fillGaps();
  expect(told).toEqual([lost(5), "flush", lost(6), "flush", lost(8), "flush"]);
});

test("fillGaps() stands in for 50,000 records and no more", () => {
  const filled = (last: number): number => {
    const { closing, told } = arrange({
      gaps: [
        [1, 2],
        [10, last],
      ],
    });
    closing.fillGaps();
    return told.filter((each) => each !== "flush").length;
  };
  expect(filled(50_007)).toBe(50_000);
  expect(filled(50_008)).toBe(0);
});

test("fillGaps() keeps what was there of a line that was cut off, after the last record", () => {
  const { closing, told } = arrange({ torn: [{ path: "jobs/a/events.jsonl", wholeBytes: 3, rest: '{"se' }] });
  closing.fillGaps();
  const message = "A line of a stream was cut off; this is what was left of it";
  expect(told).toEqual([
    {
      in: "run",
      seq: 8,
      ts: TS,
      event: "log",
      level: "warn",
      message,
      stream: "jobs/a/events.jsonl",
      text: '{"se',
    },
    "flush",
  ]);
});

test("noteInterruption() says when it was found, and that work was cut off where it was", () => {
  const { closing, told } = arrange();
  closing.noteInterruption(epochMs(0), true);
  closing.noteInterruption(epochMs(1), false);
  const message = "The run was interrupted: loom ended before the run did";
  const note = { in: "run", ts: TS, event: "log", level: "error", message };
  expect(told).toEqual([
    { ...note, seq: 8, recovered_at: "1970-01-01T00:00:00.000Z", stop: { kind: "interrupted" } },
    "flush",
    { ...note, seq: 9, recovered_at: "1970-01-01T00:00:00.001Z" },
    "flush",
  ]);
});

test("emissions() hands on one after the other, and linesOf() tells the lines that come next", () => {
  const { closing, told } = arrange();
  const emission = (message: string): never =>
    ({ stream: { kind: "run" }, event: { event: "log", level: "info", message } }) as never;
  closing.emissions([emission("one"), emission("two")]);
  const record = { in: "run", ts: TS, event: "log", level: "info" };
  expect(told).toEqual([
    { ...record, seq: 8, message: "one" },
    "flush",
    { ...record, seq: 9, message: "two" },
    "flush",
  ]);
  const lines = closing.linesOf([emission("three"), emission("four")]);
  expect(lines.endsWith("\n")).toBe(true);
  expect(
    lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([
    { seq: 10, ts: TS, message: "three" },
    { seq: 11, ts: TS, message: "four" },
  ]);
  expect(told).toHaveLength(4);
});

test("atMs is the moment of the last record, or the one that the name of a run without records tells", () => {
  expect(arrange().closing.atMs).toBe(Date.parse(TS));
  const { lastTs: _, ...unknown } = PAST;
  const recorder = {} as RunRecorder;
  expect(new ClosingRecords(recorder, unknown, IDENTITY).atMs).toBe(1_767_225_600_123);
  const again = { ...IDENTITY, runId: "loom-run-7-1767225600123000000" } as never;
  expect(new ClosingRecords(recorder, unknown, again).atMs).toBe(1_767_225_600_123);
  expect(new ClosingRecords(recorder, unknown, { ...IDENTITY, runId: "x" } as never).atMs).toBe(0);
});

test("emissionsOf() returns what a step emitted, and throws where the machine refused it", () => {
  const { closing } = arrange();
  const emissions = [{ stream: { kind: "run" }, event: {} }] as never;
  expect(closing.emissionsOf(ok({ emissions, commands: [] }))).toBe(emissions);
  expect(() => closing.emissionsOf(err({ code: "CORE_ILLEGAL_INPUT", message: "not now" }) as never)).toThrow(
    "not now",
  );
});
