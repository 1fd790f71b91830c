import { jobId, type LoomEvent, type OutputEvent, type StreamRef } from "@loom/core";
import { expect, test } from "vitest";
import { attemptStart } from "./attempt-start.ts";

const job: StreamRef = { kind: "job", jobId: jobId("a") };

test.each([
  ["job.provider_prepare", {}, { attempt: 1 }],
  ["job.provider_prepare", { attempt: 3 }, { attempt: 3 }],
  ["job.execution", { attempt: 2, from_step: 4 }, { attempt: 2, fromStep: 4 }],
  ["job.execution", { attempt: 2 }, undefined],
  ["job.cleanup", {}, undefined],
])("attemptStart() of %s %j", (phase_code, more, expected) => {
  const record = { event: "phase_start", phase_code, ...more } as Exclude<LoomEvent, OutputEvent>;
  expect(attemptStart(job, record)).toEqual(expected);
  expect(attemptStart({ kind: "section", jobId: jobId("a"), section: "provider" }, record)).toBeUndefined();
});
