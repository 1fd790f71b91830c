import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jobId } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { NOTHING } from "./read-past-run.ts";
import type { PastEvent } from "./past-run.ts";
import { repairStreams } from "./repair-streams.ts";

function record(seq: number, kind: string, event: string, phaseCode?: string): PastEvent {
  const fields = phaseCode === undefined ? { level: "info", message: "x" } : { phase_code: phaseCode };
  const ts = "2026-01-01T00:00:00.000Z";
  return { path: "x", stream: { kind, jobId: jobId("a") }, record: { seq, ts, event, ...fields } } as never;
}

test("repairStreams() mirrors the envelope of an execution and the boundaries of its steps, and nothing else", () => {
  const directory = temporaryDirectory();
  const records = [
    record(1, "job", "phase_start", "job.prepare"),
    record(2, "job", "log"),
    record(3, "section", "phase_start", "job.execution"),
    record(4, "job", "phase_start", "job.execution"),
    record(5, "step", "phase_start", "step.script"),
    record(6, "step", "log"),
    record(7, "step", "phase_finish", "step.script"),
    record(8, "job", "phase_finish", "job.execution"),
  ];
  repairStreams(directory, { ...NOTHING, records });
  const mirror = readFileSync(join(directory, "jobs/a/user/execution/events.jsonl"), "utf8");
  expect(mirror.match(/"seq":\d+/g)).toEqual(['"seq":4', '"seq":5', '"seq":7', '"seq":8']);
});
