import { epochMs, jobId, PHASES, runIdentity, type LoomEvent, type PhaseStartEvent } from "@loom/core";
import { expect, test } from "vitest";
import { recordedAt } from "./recorded-at.ts";
import { streamAt } from "./stream-at.ts";

const TS = "2026-01-01T00:00:00.000Z";
const IDENTITY = runIdentity(1n);
const STEP: PhaseStartEvent = {
  seq: 4,
  ts: TS,
  event: "phase_start",
  schema_version: "loom.runtime.logs.v2",
  run_id: IDENTITY.runId,
  pipeline_id: IDENTITY.pipelineId,
  scope: "step",
  phase_code: "step.script",
  phase_family: PHASES["step.script"].family,
  job_id: jobId("somebody"),
  step: 2,
};

function at(path: string, record: LoomEvent): unknown {
  const place = streamAt(path);
  if (place === undefined) throw new Error(`No stream lies at ${path}`);
  const recorded = recordedAt(place, record);
  return recorded && { stream: recorded.stream, atMs: recorded.atMs };
}

test("recordedAt() says by the place whose record it is, whatever the record names", () => {
  const atMs = epochMs(Date.parse(TS));
  expect(at("jobs/unit/user/execution/events.jsonl", STEP)).toEqual({
    stream: { kind: "step", jobId: "unit", step: 2 },
    atMs,
  });
  expect(at("jobs/unit/events.jsonl", STEP)).toEqual({ stream: { kind: "job", jobId: "unit" }, atMs });
});

test("recordedAt() leaves out output, and what a mirror repeats of the job itself", () => {
  const { step: _step, ...ofJob } = STEP;
  expect(at("jobs/unit/user/execution/events.jsonl", ofJob)).toBeUndefined();
  const output: LoomEvent = { seq: 5, ts: TS, event: "output", stream: "stdout", text: "x" };
  expect(at("jobs/unit/user/execution/script/01/events.jsonl", output)).toBeUndefined();
});
