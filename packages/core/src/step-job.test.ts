import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochMs, jobId, runIdentity } from "./ids.ts";
import type { JobInput } from "./job-input.ts";
import { describeJobState, PENDING, type JobState } from "./job-state.ts";
import type { JobPlan } from "./run-plan.ts";
import { stepJob, type JobContext } from "./step-job.ts";

const plan: JobPlan = {
  jobId: jobId("build"),
  stage: "check",
  needs: [],
  when: "on_success",
  allowFailure: false,
  stepCount: 2,
  retry: { max: 0, on: [] },
  restoresCache: false,
  restoresArtifacts: false,
};
const context: JobContext = { identity: runIdentity(1n), plan };
const at = (ms: number) => epochMs(ms);

/** Feeds inputs one after the other and tells what became of the job. */
function play(inputs: readonly JobInput[], of: JobContext = context): { state: JobState; told: string[] } {
  let state: JobState = PENDING;
  const told: string[] = [];
  for (const input of inputs) {
    const step = stepJob(of, state, input);
    if (!step.ok) throw new Error(step.error.message);
    state = step.value.state;
    for (const { event } of step.value.emissions) {
      if (event.event === "job_state") told.push(`${event.from} -> ${event.to}`);
      else {
        const what = [
          event.phase_code,
          event.section,
          event.step,
          event.attempt && `attempt ${event.attempt}`,
        ];
        const end = event.event === "phase_finish" ? ` ${event.status} ${event.duration_ms} ms` : " begins";
        told.push(what.filter((part) => part !== undefined).join(" ") + end);
      }
    }
    for (const command of step.value.commands) told.push(`=> ${command.type}`);
  }
  return { state, told };
}

const begin: readonly JobInput[] = [{ type: "job_ready" }, { type: "job_start", atMs: at(0) }];
const prepared: JobInput = {
  type: "phase_finished",
  phase: "job.provider_prepare",
  outcome: { status: "success" },
  atMs: at(1),
};
const cleanedUp: JobInput = {
  type: "phase_finished",
  phase: "job.cleanup",
  outcome: { status: "success" },
  atMs: at(9),
};

function ends(step: number, exitCode: number, ms: number): JobInput {
  return { type: "step_finished", step, end: { kind: "exited", exitCode }, atMs: at(ms) };
}

describe("stepJob()", () => {
  test("leads a job with two steps from pending to success", () => {
    expect(play([...begin, prepared, ends(1, 0, 3), ends(2, 0, 7), cleanedUp]).told).toMatchInlineSnapshot(`
      [
        "pending -> ready",
        "ready -> running",
        "job.provider_prepare begins",
        "=> start_job",
        "job.provider_prepare success 1 ms",
        "job.execution begins",
        "step.script 1 begins",
        "=> run_step",
        "step.script 1 success 2 ms",
        "step.script 2 begins",
        "=> run_step",
        "step.script 2 success 4 ms",
        "job.execution success 6 ms",
        "job.cleanup begins",
        "=> clean_up_job",
        "job.cleanup success 2 ms",
        "running -> success",
      ]
    `);
  });

  test("starts no further step after one that failed, and keeps its exit code", () => {
    const { state, told } = play([...begin, prepared, ends(1, 3, 3), cleanedUp]);
    expect(state).toEqual({
      status: "settled",
      attempts: 1,
      result: {
        status: "failed",
        blocking: true,
        cause: "failure",
        error: { code: "exit_code", message: "Step 1 exited with code 3" },
        exitCode: 3,
      },
    });
    expect(told).not.toContain("step.script 2 begins");
  });

  test("keeps the envelope of the execution, skipped, when set-up failed", () => {
    const failed: JobInput = {
      type: "phase_finished",
      phase: "job.provider_prepare",
      outcome: { status: "failed", error: { code: "image_not_found", message: "No such image" } },
      atMs: at(4),
    };
    expect(play([...begin, failed, cleanedUp]).told.slice(4)).toMatchInlineSnapshot(`
      [
        "job.provider_prepare failed 4 ms",
        "job.execution begins",
        "job.execution skipped 0 ms",
        "job.cleanup begins",
        "=> clean_up_job",
        "job.cleanup success 5 ms",
        "running -> failed",
      ]
    `);
  });

  test("repeats the whole job for a failure it may retry, and cleans up once, last", () => {
    const retrying = {
      ...context,
      plan: { ...plan, stepCount: 1, retry: { max: 1, on: ["failure"] as const } },
    };
    const { told, state } = play(
      [...begin, prepared, ends(1, 1, 2), prepared, ends(1, 0, 4), cleanedUp],
      retrying,
    );
    expect(told.slice(7)).toMatchInlineSnapshot(`
      [
        "=> run_step",
        "step.script 1 failed 1 ms",
        "job.execution failed 1 ms",
        "job.provider_prepare attempt 2 begins",
        "=> start_job",
        "job.provider_prepare attempt 2 success 0 ms",
        "job.execution attempt 2 begins",
        "step.script 1 attempt 2 begins",
        "=> run_step",
        "step.script 1 attempt 2 success 3 ms",
        "job.execution attempt 2 success 3 ms",
        "job.cleanup begins",
        "=> clean_up_job",
        "job.cleanup success 5 ms",
        "running -> success",
      ]
    `);
    expect(state).toEqual({ status: "settled", attempts: 2, result: { status: "success" } });
  });

  test("does not retry for a cause that is not listed", () => {
    const retrying = { ...context, plan: { ...plan, retry: { max: 3, on: ["timeout"] as const } } };
    expect(play([...begin, prepared, ends(1, 1, 2), cleanedUp], retrying).state).toMatchObject({
      attempts: 1,
    });
  });

  test("asks the outside to stop a running job instead of pretending it stopped", () => {
    const cancel: JobInput = { type: "job_cancel", atMs: at(2) };
    const asked = play([...begin, prepared, cancel]);
    expect(asked.state).toMatchObject({ status: "running", cancelling: true });
    expect(asked.told.at(-1)).toBe("=> cancel_job");
    const end: JobInput = {
      type: "step_finished",
      step: 1,
      end: { kind: "cancelled", signal: "SIGTERM" },
      atMs: at(3),
    };
    expect(play([...begin, prepared, cancel, end, cleanedUp]).state).toMatchObject({
      result: { status: "cancelled" },
    });
  });

  test("keeps the result of a job that is cancelled while it cleans up", () => {
    const cancel: JobInput = { type: "job_cancel", atMs: at(8) };
    const { state } = play([...begin, prepared, ends(1, 0, 3), ends(2, 0, 7), cancel, cleanedUp]);
    expect(state).toMatchObject({ result: { status: "success" } });
  });

  test("closes a job that never started with a cleanup of its own", () => {
    const skip: JobInput = {
      type: "job_skip",
      reason: "upstream_failed",
      blockedBy: [jobId("lint")],
      atMs: at(0),
    };
    expect(play([skip]).told).toEqual([
      "job.cleanup begins",
      "job.cleanup success 0 ms",
      "pending -> skipped",
    ]);
  });

  test("carries a tolerated failure as one that does not block", () => {
    const tolerant = { ...context, plan: { ...plan, allowFailure: true } };
    expect(play([...begin, prepared, ends(1, 1, 2), cleanedUp], tolerant).state).toMatchObject({
      result: { status: "failed", blocking: false },
    });
  });

  test("refuses an input that the state does not allow, naming both", () => {
    const refused = stepJob(context, PENDING, ends(1, 0, 0));
    expect(refused).toEqual({
      ok: false,
      error: {
        code: "CORE_ILLEGAL_INPUT",
        message: 'Cannot take input "step_finished (step 1 exited)" in state "job "build": pending"',
        state: 'job "build": pending',
        input: "step_finished (step 1 exited)",
      },
    });
  });

  test("answers every input in every state: moves on, or refuses and names both", () => {
    const inputs: readonly JobInput[] = [
      { type: "job_ready" },
      { type: "job_start", atMs: at(0) },
      { type: "job_skip", reason: "stage_blocked", blockedBy: [], atMs: at(0) },
      { type: "job_cancel", atMs: at(0) },
      { type: "section_started", section: "provider", atMs: at(0) },
      { type: "section_finished", section: "provider", outcome: { status: "success" }, atMs: at(0) },
      prepared,
      ends(1, 0, 0),
      ends(2, 1, 0),
      cleanedUp,
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 40 }), (sequence) => {
        let state: JobState = PENDING;
        for (const input of sequence) {
          const step = stepJob(context, state, input);
          if (step.ok) {
            if (state.status === "settled") expect(input.type).toBe("job_cancel");
            state = step.value.state;
          } else {
            expect(step.error.state).toContain(describeJobState(state));
            expect(step.error.input).toContain(input.type);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
