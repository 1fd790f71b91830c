import { describe, expect, test } from "vitest";
import { naiveSchedule } from "../test/naive-schedule.ts";
import { at, broken, identity, ok, phase, plan, ready, run, section, started } from "../test/recorded-run.ts";
import { interruptRun } from "./interrupt-run.ts";
import type { RunInput } from "./run-input.ts";
import { RunMachine } from "./run-machine.ts";

describe("interruptRun()", () => {
  const closed = (inputs: readonly RunInput[]) => {
    const { machine } = run(inputs);
    const told = interruptRun(machine, { atMs: at(5), plan }).flatMap(({ event }) => {
      if (event.event === "job_state") return [`${event.job_id} ${event.to}`];
      if (event.event === "phase_start") return [];
      const what = event.section ?? event.step ?? "";
      return [`${event.phase_code} ${what} ${event.status}`.replace("  ", " ")];
    });
    return { machine, told };
  };
  const end = ["pipeline.execute failed", "run.pipeline_execute failed"];

  test("begins a run that never began, and skips its jobs", () => {
    const { machine, told } = closed([]);
    expect(told).toEqual([
      "run.bootstrap failed",
      "job.cleanup success",
      "build skipped",
      "pipeline.execute skipped",
      "run.pipeline_execute skipped",
    ]);
    expect(machine.stage).toBe("finalizing");
    expect(machine.result()).toMatchObject({ status: "failure", error: { code: "interrupted" } });
  });

  test("knows no jobs of a run whose plan was not noted", () => {
    const machine = new RunMachine({ identity, schedule: naiveSchedule });
    interruptRun(machine, { atMs: at(5) });
    expect(machine.jobIds()).toEqual([]);
  });

  test("closes the section, the phase and the job that were under way", () => {
    expect(closed([...started, section("section_started")]).told).toEqual([
      "job.provider_prepare provider cancelled",
      "job.provider_prepare cancelled",
      "job.execution cancelled",
      "job.cleanup cancelled",
      "build cancelled",
      ...end,
    ]);
  });

  test("closes the step that was under way", () => {
    expect(closed(ready).told).toEqual([
      "step.script 1 cancelled",
      "job.execution cancelled",
      "job.cleanup cancelled",
      "build cancelled",
      ...end,
    ]);
  });

  test("throws where the run is over: there is nothing to interrupt", () => {
    const { machine } = run([
      ...started,
      phase("job.provider_prepare", { status: "failed", error: broken }),
      phase("job.cleanup"),
      { type: "finalized", outcome: ok, atMs: at(9) },
    ]);
    expect(() => interruptRun(machine, { atMs: at(9) })).toThrow(
      new Error("Cannot take input stop_requested in state run finished"),
    );
  });
});
