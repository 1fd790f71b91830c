import { jobId, type JobCommand, type JobReport } from "@loom/core";
import { buildJobSpec, createRecordingSink, FakeClock, ScriptedProvider } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { jobEvents } from "./job-events.ts";
import { JobRunner } from "./job-runner.ts";
import { RecordStream } from "./record-stream.ts";

const JOB = jobId("a");
const START_TIMER: JobCommand = { type: "start_timer", jobId: JOB, attempt: 1, afterMs: 1000 };

interface Arranged {
  readonly runner: JobRunner;
  readonly clock: FakeClock;
  readonly reports: JobReport[];
}

function arrange(
  provider = new ScriptedProvider(),
  report: (input: JobReport) => void = () => undefined,
): Arranged {
  const clock = new FakeClock();
  const reports: JobReport[] = [];
  const runner = new JobRunner(JOB, {
    run: {
      jobFor: () => ({ provider, spec: buildJobSpec({ id: "a" }) }),
    },
    events: jobEvents(new RecordStream(clock, [createRecordingSink()]), (input) => {
      reports.push(input);
      report(input);
    }),
    clock,
    graceMs: 50,
  });
  return { runner, clock, reports };
}

describe("perform()", () => {
  test("perform() of a timer ends when it has fired and that was reported", async () => {
    const { runner, clock, reports } = arrange();
    const performed = runner.perform(START_TIMER);
    clock.advance(999);
    expect(reports).toEqual([]);
    clock.advance(1);
    await performed;
    expect(reports).toEqual([{ type: "job_timed_out", jobId: JOB, attempt: 1, atMs: clock.now() }]);
  });

  test("perform() of a timer ends when it is stopped, and nothing is reported", async () => {
    const { runner, clock, reports } = arrange();
    const performed = runner.perform(START_TIMER);
    await runner.perform({ type: "stop_timer", jobId: JOB, attempt: 1 });
    await performed;
    clock.advance(1000);
    expect(reports).toEqual([]);
  });

  test("perform() of a timer rejects with what goes wrong when it is reported", async () => {
    const bug = new Error("a bug");
    const { runner, clock } = arrange(undefined, () => {
      throw bug;
    });
    const performed = runner.perform(START_TIMER);
    clock.advance(1000);
    await expect(performed).rejects.toBe(bug);
  });

  test("perform() of a step's timer reports the step, beside the timer of the attempt", async () => {
    const { runner, clock, reports } = arrange();
    const timers = [START_TIMER, { ...START_TIMER, step: 2, afterMs: 10 }].map((timer) =>
      runner.perform(timer),
    );
    clock.advance(10);
    await timers[1];
    expect(reports).toEqual([{ type: "step_timed_out", jobId: JOB, attempt: 1, step: 2, atMs: clock.now() }]);
    await runner.perform({ type: "stop_timer", jobId: JOB, attempt: 1 });
    await timers[0];
    expect(reports).toHaveLength(1);
  });

  test("perform() rejects what an attempt is needed for when there is none", async () => {
    const { runner } = arrange();
    await expect(runner.perform({ type: "clean_up_job", jobId: JOB })).rejects.toThrow(
      'Job "a" was not started',
    );
  });

  test("perform() rejects a step of an attempt that could not be set up", async () => {
    const error = { code: "provider_unavailable" as const, message: "There is no provider of images" };
    const { runner, reports } = arrange(new ScriptedProvider({ prepareFails: () => error }));
    await runner.perform({ type: "start_job", jobId: JOB, attempt: 1 });
    expect(reports.at(-1)).toMatchObject({ outcome: { status: "failed", error } });
    await expect(runner.perform({ type: "run_step", jobId: JOB, attempt: 1, step: 1 })).rejects.toThrow(
      'Job "a" has no step 1 to run',
    );
  });
});
