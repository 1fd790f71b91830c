import { describe, expect, expectTypeOf, test } from "vitest";
import { epochMs } from "./ids.ts";
import {
  describeJobState,
  jobStatus,
  PENDING,
  type CleaningUpJob,
  type ExecutingJob,
  type JobState,
  type RunningJob,
} from "./job-state.ts";

const startedAtMs = epochMs(0);
const inPhase = { status: "running", attempt: 1, phaseStartedAtMs: startedAtMs } as const;
const executing: ExecutingJob = {
  ...inPhase,
  phase: "job.execution",
  step: { number: 2, startedAtMs },
};
const cleaningUp: CleaningUpJob = { ...inPhase, phase: "job.cleanup", verdict: { status: "success" } };

describe("a job that is", () => {
  test.each<[JobState, string, string]>([
    [PENDING, "pending", "pending"],
    [{ status: "ready" }, "ready", "ready"],
    [executing, "running", "running job.execution, step 2"],
    [cleaningUp, "running", "running job.cleanup"],
    [
      { ...cleaningUp, section: { name: "cleanup", startedAtMs } },
      "running",
      "running job.cleanup, section cleanup",
    ],
    [{ status: "settled", result: { status: "cancelled" }, attempts: 0 }, "cancelled", "cancelled"],
  ])("%j has the status %s and is described as %s", (state, status, described) => {
    expect(jobStatus(state)).toBe(status);
    expect(describeJobState(state)).toBe(described);
  });
});

describe("RunningJob", () => {
  test("has no state that cannot be", () => {
    const step = { number: 1, startedAtMs };
    const section = { name: "cleanup", startedAtMs } as const;
    expectTypeOf<typeof inPhase & { phase: "job.execution" }>().not.toExtend<RunningJob>();
    expectTypeOf<{ phase: "job.cleanup" } & typeof inPhase>().not.toExtend<RunningJob>();
    // @ts-expect-error A step runs in the execution only.
    const cleaning: RunningJob = { ...cleaningUp, step };
    // @ts-expect-error A section has no place in the execution.
    const working: RunningJob = { ...executing, section };
    expect([cleaning.phase, working.phase]).toEqual(["job.cleanup", "job.execution"]);
  });
});
