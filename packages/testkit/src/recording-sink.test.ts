import { epochMs, jobId } from "@loom/core";
import { expect, test } from "vitest";
import { createRecordingSink } from "./recording-sink.ts";

test("createRecordingSink() decodes every line of a batch, with its own place in the run", () => {
  const sink = createRecordingSink();
  const stream = { kind: "step", jobId: jobId("build"), step: 1 } as const;
  const ts = new Date(epochMs(0)).toISOString();
  const bytes = new TextEncoder().encode("one\n\nthree\n");
  sink.lines(stream, { stream: "stdout", firstSeq: 7, ts, bytes, ends: [3, 4, 10], partial: false });
  bytes.fill(0);
  expect(sink.records).toEqual([
    { in: "step build 1", record: { seq: 7, ts, event: "output", stream: "stdout", text: "one" } },
    { in: "step build 1", record: { seq: 8, ts, event: "output", stream: "stdout", text: "" } },
    { in: "step build 1", record: { seq: 9, ts, event: "output", stream: "stdout", text: "three" } },
  ]);
  expect(sink.linesOf(stream)).toEqual(["one", "", "three"]);
});
