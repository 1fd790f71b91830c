import { expect, test } from "vitest";
import { carryOnCommands } from "./carry-on.ts";
import { epochMs, jobId } from "./ids.ts";
import { PENDING, type ExecutingJob, type JobState } from "./job-state.ts";
import type { JobPlan } from "./run-plan.ts";

const plan: JobPlan = {
  jobId: jobId("build"),
  stage: "check",
  needs: [],
  when: "on_success",
  allowFailure: false,
  stepCount: 2,
  afterStepCount: 1,
  retry: { max: 0, on: [] },
  restoresCache: false,
  restoresArtifacts: false,
};
const state: ExecutingJob = {
  status: "running",
  attempt: 2,
  phase: "job.execution",
  phaseStartedAtMs: epochMs(1_000),
  step: { number: 2, startedAtMs: epochMs(3_000) },
};
const now = epochMs(5_000);
const step = { type: "run_step", jobId: "build", attempt: 2, step: 2 };

test("carryOnCommands() gives the step, and what is left of its limits of time", () => {
  expect(carryOnCommands(plan, state, now)).toEqual([step]);
  const limited: JobPlan = { ...plan, timeoutMs: 10_000, stepTimeoutsMs: new Map([[2, 2_500]]) };
  const timer = { type: "start_timer", jobId: "build", attempt: 2 };
  expect(carryOnCommands(limited, state, now)).toEqual([
    step,
    { ...timer, afterMs: 6_000 },
    { ...timer, step: 2, afterMs: 500 },
  ]);
  expect(carryOnCommands(limited, state, epochMs(60_000))).toEqual([
    step,
    { ...timer, afterMs: 0 },
    { ...timer, step: 2, afterMs: 0 },
  ]);
});

test("carryOnCommands() tells a step of after_script how the job came out", () => {
  const decided = { verdict: { status: "success" }, facts: { exit_code: 0 } } as const;
  expect(carryOnCommands(plan, { ...state, decided }, now)).toEqual([{ ...step, verdict: "success" }]);
});

test("carryOnCommands() gives nothing where no step is under way that may go on", () => {
  const states: readonly JobState[] = [
    PENDING,
    { status: "running", attempt: 1, phase: "job.provider_prepare", phaseStartedAtMs: now },
    { ...state, stop: "timeout" },
    { ...state, step: { ...state.step, isOverdue: true } },
    { ...state, isAbandoned: true },
  ];
  for (const each of states) expect(carryOnCommands(plan, each, now)).toBeUndefined();
});
