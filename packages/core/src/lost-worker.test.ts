import { describe, expect, test } from "vitest";
import type { EventError } from "./event.ts";
import type { GraphRetry } from "./graph-ir.ts";
import { epochMs, jobId, runIdentity } from "./ids.ts";
import type { JobInput } from "./job-input.ts";
import type { PhaseOutcome, ProcessEnd } from "./job-result.ts";
import { PENDING, type JobState } from "./job-state.ts";
import type { JobPlan } from "./run-plan.ts";
import { LOST_WORKER_RETRIES, MAX_ATTEMPTS, stepJob, type JobContext } from "./step-job.ts";
import { unwrap } from "./unwrap.ts";
import type { SystemPhaseCode } from "./vocabulary.ts";

const at = epochMs(0);
const gone: EventError = { code: "worker_lost", message: "The machine does not answer" };
const lost: ProcessEnd = { kind: "lost", error: gone };
const lostIt: PhaseOutcome = { status: "failed", error: gone };

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
  restoresArtifacts: true,
  savesArtifacts: "always",
  savesCache: "always",
};
const context: JobContext = { identity: runIdentity(1n), plan };

function having(more: Partial<JobPlan>): JobContext {
  return { ...context, plan: { ...plan, ...more } };
}

function retrying(retry: GraphRetry): JobContext {
  return having({ retry });
}

const begin: readonly JobInput[] = [{ type: "job_ready" }, { type: "job_start", atMs: at }];
const cancel: JobInput = { type: "job_cancel", atMs: at };
const request: JobInput = { type: "job_stop_requested", atMs: at };
const timedOut: JobInput = { type: "job_timed_out", attempt: 1, atMs: at };

function phase(name: SystemPhaseCode, outcome: PhaseOutcome = { status: "success" }): JobInput {
  return { type: "phase_finished", phase: name, outcome, atMs: at };
}

function step(number: number, end: ProcessEnd): JobInput {
  return { type: "step_finished", step: number, end, atMs: at };
}

function exit(number: number, exitCode: number): JobInput {
  return step(number, { kind: "exited", exitCode });
}

const setUp = [phase("job.provider_prepare"), phase("job.artifact_restore")];
/** All of an attempt that loses its worker at once. */
const loses = [phase("job.provider_prepare", lostIt)];

function stateAfter(inputs: readonly JobInput[], of = context): JobState {
  return [...begin, ...inputs].reduce<JobState>(
    (state, input) => unwrap(stepJob(of, state, input)).state,
    PENDING,
  );
}

/** What the last input made of the job: its records and its commands, in short. */
function told(inputs: readonly JobInput[], of = context): readonly string[] {
  const last = inputs.at(-1);
  if (last === undefined) return [];
  const { emissions, commands } = unwrap(stepJob(of, stateAfter(inputs.slice(0, -1), of), last));
  const records = emissions.map(({ event }) => {
    if (event.event === "job_state") return `${event.from} -> ${event.to}`;
    const what = `${event.phase_code}${event.step === undefined ? "" : ` ${event.step}`}`;
    if (event.event === "phase_start") return `${what} begins, attempt ${event.attempt ?? 1}`;
    return `${what} ${event.status}${event.error === undefined ? "" : ` for ${event.error.code}`}`;
  });
  return [...records, ...commands.map(({ type }) => `=> ${type}`)];
}

const AGAIN = ["job.provider_prepare begins, attempt 2", "=> start_job"];

describe("stepJob(), where the worker of an attempt is lost", () => {
  test("ends the attempt with the step, and begins another without saving or running anything more", () => {
    const inputs = [...setUp, exit(1, 0), step(2, lost)];
    expect(told(inputs)).toEqual([
      "step.script 2 failed for worker_lost",
      "job.execution failed for worker_lost",
      ...AGAIN,
    ]);
    expect(stateAfter(inputs)).toMatchObject({ attempt: 2, lostAttempts: 1 });
    const { emissions } = unwrap(stepJob(context, stateAfter(inputs.slice(0, -1)), step(2, lost)));
    for (const { event } of emissions.slice(0, 2)) {
      expect(event).toMatchObject({ error: gone });
      expect(event).not.toHaveProperty("exit_code");
      expect(event).not.toHaveProperty("signal");
      expect(event).not.toHaveProperty("tolerated");
    }
  });

  test("also loses an attempt that is set up, or that saves something after a success", () => {
    const skipped = ["job.execution begins, attempt 1", "job.execution skipped", ...AGAIN];
    expect(told(loses)).toEqual(["job.provider_prepare failed for worker_lost", ...skipped]);
    expect(told([phase("job.provider_prepare"), phase("job.artifact_restore", lostIt)])).toEqual([
      "job.artifact_restore failed for worker_lost",
      ...skipped,
    ]);
    const saving = [...setUp, exit(1, 0), exit(2, 0), exit(3, 0)];
    const saved = [...saving, phase("job.artifact_save", lostIt)];
    expect(told(saved)).toEqual(["job.artifact_save failed for worker_lost", ...AGAIN]);
    const cached = [...saving, phase("job.artifact_save"), phase("job.cache_save", lostIt)];
    expect(told(cached)).toEqual(["job.cache_save failed for worker_lost", ...AGAIN]);
  });

  test("also loses an attempt whose steps went well, in a step that follows them", () => {
    expect(told([...setUp, exit(1, 0), exit(2, 0), step(3, lost)])).toEqual([
      "step.script 3 failed for worker_lost",
      "job.execution failed for worker_lost",
      ...AGAIN,
    ]);
  });

  test.each([
    ["a step that follows", [...setUp, exit(1, 1), step(3, lost)], "job.execution failed for exit_code"],
    [
      "a save",
      [...setUp, exit(1, 1), exit(3, 0), phase("job.artifact_save", lostIt)],
      "job.artifact_save failed for worker_lost",
    ],
  ])("keeps an earlier failure when it loses the worker in %s, and cleans up at once", (_, inputs, end) => {
    expect(told(inputs).slice(-3)).toEqual([end, "job.cleanup begins, attempt 1", "=> clean_up_job"]);
    const settled = stateAfter([...inputs, phase("job.cleanup")]);
    expect(settled).toMatchObject({ attempts: 1, result: { cause: "failure", exitCode: 1 } });
  });

  test.each<[string, GraphRetry, number]>([
    ["no retry", plan.retry, LOST_WORKER_RETRIES],
    ["a retry for other causes", { max: 5, on: ["failure", "timeout", "provider"] }, LOST_WORKER_RETRIES],
    ["a retry for that", { max: 3, on: ["worker"] }, 3],
    ["a retry for that, which forbids it", { max: 0, on: ["worker"] }, 0],
  ])("tries a job again as often as it may: with %s", (_, retry, again) => {
    const attempts = Array.from({ length: again + 1 }, () => loses).flat();
    const of = retrying(retry);
    expect(stateAfter(attempts.slice(1), of)).toMatchObject({ attempt: again + 1 });
    expect(stateAfter([...attempts, phase("job.cleanup")], of)).toEqual({
      status: "settled",
      attempts: again + 1,
      result: { status: "failed", blocking: true, cause: "worker", error: gone },
    });
  });

  test("does not count lost attempts against the retries for other causes, nor the other way round", () => {
    const of = { ...having({ retry: { max: 1, on: ["failure"] } }) };
    const fails = [...setUp, exit(1, 1), exit(3, 0), phase("job.artifact_save"), phase("job.cache_save")];
    const all = [...loses, ...fails, ...loses, ...fails];
    expect(stateAfter([...loses, ...fails], of)).toMatchObject({ attempt: 3, lostAttempts: 1 });
    expect(stateAfter([...loses, ...fails, ...loses], of)).toMatchObject({ attempt: 4, lostAttempts: 2 });
    expect(stateAfter(all, of)).toMatchObject({ phase: "job.cleanup", verdict: { cause: "failure" } });
  });

  test("goes on after no step that lost it, though the step may fail, and fails a job that may", () => {
    const of = having({ allowFailure: true, toleratedSteps: new Map([[1, true]]) });
    const inputs = [...setUp, step(1, lost)];
    expect(told(inputs, of)).toContain("job.execution failed for worker_lost");
    const settled = stateAfter([...loses, ...loses, ...inputs, phase("job.cleanup")], of);
    expect(settled).toMatchObject({ attempts: 3, result: { blocking: false, cause: "worker" } });
  });

  test("does not hold the job, also where no further attempt is left", () => {
    const of = { ...retrying({ max: 0, on: ["worker"] }), pauseTimeoutMs: 1000 };
    expect(stateAfter([...setUp, step(1, lost)], of)).toMatchObject({ phase: "job.cleanup" });
  });

  test("begins an ordinary attempt after one that went on from a step", () => {
    const of = { ...context, pauseTimeoutMs: 1000 };
    const resumed: JobInput = { type: "job_resumed", how: "retry_step", atMs: at };
    const inputs = [...setUp, exit(1, 1), resumed, step(1, lost)];
    expect(stateAfter(inputs, of)).toMatchObject({ attempt: 3, phase: "job.provider_prepare" });
    const held = stateAfter([...inputs, ...setUp, exit(1, 1)], of);
    expect(held).toMatchObject({ paused: { step: 1 }, lostAttempts: 1 });
  });

  test("lets the limit, a request and a cancel win that came before", () => {
    const limited = having({ timeoutMs: 5 });
    const cut = [...setUp, timedOut, step(1, lost)];
    expect(told(cut, limited)[0]).toBe("step.script 1 failed for timeout");
    expect(stateAfter(cut, limited)).toMatchObject({ step: { number: 3 } });
    expect(told([timedOut, ...loses], limited)[0]).toBe("job.provider_prepare failed for timeout");
    expect(told([...setUp, request, step(1, lost)])[0]).toBe("step.script 1 failed for job_cancelled");
    expect(told([...setUp, cancel, step(1, lost)])[0]).toBe("step.script 1 cancelled");
    const overdue: JobInput = { type: "step_timed_out", attempt: 1, step: 1, atMs: at };
    const own = having({ stepTimeoutsMs: new Map([[1, 5]]) });
    expect(told([...setUp, overdue, step(1, lost)], own)[0]).toBe("step.script 1 failed for timeout");
  });

  test.each([
    [cancel, "cancelled"],
    [request, "failed"],
  ])("begins no further attempt of a job that is to stop, in a step that follows: %j", (stop, status) => {
    const inputs = [...setUp, exit(1, 0), exit(2, 0), stop, step(3, lost)];
    expect(stateAfter(inputs)).toMatchObject({ phase: "job.cleanup", verdict: { status } });
  });

  test("makes no attempt whose evidence would have no place", () => {
    const state = stateAfter(setUp);
    if (state.status !== "running") throw new Error("The job does not run");
    const last = unwrap(stepJob(context, { ...state, attempt: MAX_ATTEMPTS }, step(1, lost)));
    expect(last.state).toMatchObject({ phase: "job.cleanup", verdict: { cause: "worker" } });
  });
});
