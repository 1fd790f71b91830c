import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import { pastItems } from "./past-items.ts";
import type { PastEvent } from "./past-run.ts";

const a = jobId("a");
const RUN = { records: [], outputs: new Map(), mirrors: new Map(), torn: [], gaps: [], lastSeq: 0 };

function event(path: string, kind: "step" | "section" | "job", word: string): PastEvent {
  return { path, stream: { kind, jobId: a }, record: { event: word } } as never;
}

test("pastItems() tells the output of a step before its finish, and of one that has none at the end", () => {
  const first = { jobId: a, step: 1, lines: 3, bytes: 9 };
  const second = { jobId: a, step: 2, lines: 1, bytes: 2 };
  const records = [
    event("one", "step", "phase_start"),
    event("one", "section", "phase_finish"),
    event("one", "step", "phase_finish"),
    event("two", "step", "phase_start"),
    event("three", "step", "phase_finish"),
  ];
  const outputs = new Map([
    ["two", second],
    ["one", first],
  ]);
  const items = [...pastItems({ ...RUN, records, outputs })];
  const record = (index: number): object => ({
    kind: "record",
    stream: records[index]?.stream,
    record: records[index]?.record,
  });
  expect(items).toEqual([
    record(0),
    record(1),
    { kind: "output", ...first },
    record(2),
    record(3),
    record(4),
    { kind: "output", ...second },
  ]);
});
