import { expect, test } from "vitest";
import { MirrorLedger, type MirrorRecord } from "./mirror-ledger.ts";
import type { StreamFacts } from "./run-facts.ts";

const stream: StreamFacts = {
  path: "jobs/a/events.jsonl",
  place: { kind: "unknown" },
  lastSeq: 0,
  events: 0,
  outputLines: 0,
  unfinished: undefined,
  bytes: 0,
  entered: false,
};
const record = (seq: number, line: number): MirrorRecord => ({ seq, line, stream, isMirror: false });
const mirror = (seq: number, line: number): MirrorRecord => ({ seq, line, stream, isMirror: true });
const linesOf = (ledger: MirrorLedger): readonly number[] => [...ledger.unpaired()].map(({ line }) => line);

test("take() returns the mirror of a pair that differs, whichever came first, and forgets every pair", () => {
  const ledger = new MirrorLedger();
  expect(ledger.take(record(1, 1), "x")).toBeUndefined();
  expect(ledger.take(mirror(1, 2), "x")).toBeUndefined();
  expect(ledger.take(record(2, 3), "x")).toBeUndefined();
  expect(ledger.take(mirror(2, 4), "y")).toMatchObject({ line: 4, isMirror: true });
  expect(ledger.take(mirror(3, 5), "x")).toBeUndefined();
  expect(ledger.take(record(3, 6), "y")).toMatchObject({ line: 5, isMirror: true });
  expect(linesOf(ledger)).toEqual([]);
});

test("take() makes no pair of two records, or of two mirrors, with one number", () => {
  const ledger = new MirrorLedger();
  for (const each of [record(1, 1), record(1, 2), mirror(2, 3), mirror(2, 4)])
    expect(ledger.take(each, `line ${each.line}`)).toBeUndefined();
  expect(linesOf(ledger)).toEqual([2, 4]);
  expect([ledger.isOrphan(1), ledger.isOrphan(2), ledger.isOrphan(3)]).toEqual([false, true, false]);
});
