import { describe, expect, test } from "vitest";
import { epochMs } from "./ids.ts";
import { describeJobState, jobStatus, PENDING, type JobState, type RunningJob } from "./job-state.ts";

const startedAtMs = epochMs(0);
const running: RunningJob = {
  status: "running",
  attempt: 1,
  phase: "job.execution",
  phaseStartedAtMs: startedAtMs,
  cancelling: false,
};

describe("a job that is", () => {
  test.each<[JobState, string, string]>([
    [PENDING, "pending", "pending"],
    [{ status: "ready" }, "ready", "ready"],
    [running, "running", "running job.execution"],
    [{ ...running, step: { number: 2, startedAtMs } }, "running", "running job.execution, step 2"],
    [
      { ...running, phase: "job.cleanup", section: { name: "cleanup", startedAtMs } },
      "running",
      "running job.cleanup, section cleanup",
    ],
    [{ status: "settled", result: { status: "cancelled" }, attempts: 0 }, "cancelled", "cancelled"],
  ])("%j has the status %s and is described as %s", (state, status, described) => {
    expect(jobStatus(state)).toBe(status);
    expect(describeJobState(state)).toBe(described);
  });
});
