import { jobId, type LoomEvent, type StreamRef } from "@loom/core";
import { expect, test } from "vitest";
import { mergedRecord } from "./merged-record.ts";

const head = { seq: 1, ts: "2026-01-01T00:00:00.000Z" } as const;
const unit = jobId("unit");
const output: LoomEvent = { ...head, event: "output", stream: "stdout", text: "hi" };
const log: LoomEvent = { ...head, event: "log", level: "info", message: "hi" };

test.each<[StreamRef, LoomEvent, object]>([
  [{ kind: "step", jobId: unit, step: 2 }, output, { ...output, job_id: "unit", step: 2 }],
  [
    { kind: "section", jobId: unit, section: "provider" },
    output,
    { ...output, job_id: "unit", section: "provider" },
  ],
  [
    { kind: "section", jobId: unit, section: "provider" },
    log,
    { ...log, job_id: "unit", section: "provider" },
  ],
  [{ kind: "job", jobId: unit }, output, { ...output, job_id: "unit" }],
  [{ kind: "run" }, log, log],
  [{ kind: "pipeline" }, log, log],
])("mergedRecord() adds what the stream %j tells", (stream, record, merged) => {
  expect(mergedRecord(stream, record)).toEqual(merged);
  expect(Object.keys(mergedRecord(stream, record)).slice(0, 3)).toEqual(["seq", "ts", "event"]);
});
