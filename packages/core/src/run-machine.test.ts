import { expect, test } from "vitest";
import { naiveSchedule } from "../test/naive-schedule.ts";
import { epochMs, runIdentity } from "./ids.ts";
import { RunMachine } from "./run-machine.ts";
import type { RunInput } from "./run-input.ts";

const atMs = epochMs(0);
const identity = runIdentity(1n);

function machineAfter(...inputs: RunInput[]): RunMachine {
  const machine = new RunMachine({ identity, schedule: naiveSchedule });
  for (const input of inputs) {
    const step = machine.step(input);
    if (!step.ok) throw new Error(step.error.message);
  }
  return machine;
}

const start: RunInput = { type: "run_started", atMs };
const noJobs: RunInput = {
  type: "bootstrap_finished",
  outcome: { status: "success", plan: { stages: ["empty"], jobs: [], concurrency: 1, failFast: false } },
  atMs,
};

test("step() refuses an input before the run has started, naming both", () => {
  expect(machineAfter().step({ type: "finalized", outcome: { status: "success" }, atMs })).toMatchObject({
    ok: false,
    error: { code: "CORE_ILLEGAL_INPUT", state: "run idle", input: "finalized" },
  });
});

test("step() refuses a second bootstrap", () => {
  expect(machineAfter(start, noJobs).step(noJobs)).toMatchObject({
    ok: false,
    error: { state: "run finalizing", input: "bootstrap_finished" },
  });
});

test("step() ends a pipeline without jobs at once, successfully", () => {
  const machine = machineAfter(start, noJobs, { type: "finalized", outcome: { status: "success" }, atMs });
  expect(machine.stage).toBe("finished");
  expect(machine.result()).toEqual({ status: "success", exitCode: 0, failedJobIds: [] });
});

test("result() reports 130 after SIGINT and 143 after SIGTERM, whatever came of the jobs", () => {
  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const machine = machineAfter(
      start,
      { type: "stop_requested", cause: { kind: "signal", signal }, atMs },
      noJobs,
    );
    expect(machine.result()).toMatchObject({ status: "cancelled", exitCode });
  }
});

test("result() is a failure when the final documents could not be written", () => {
  const error = { code: "evidence_unwritable", message: 'Cannot write "summary.json": no space left' };
  const machine = machineAfter(start, noJobs, {
    type: "finalized",
    outcome: { status: "failed", error },
    atMs,
  });
  expect(machine.result()).toEqual({ status: "failure", exitCode: 1, error, failedJobIds: [] });
});
