import type { AllowFailure } from "./graph-ir.ts";
import { errorCode } from "./error-code.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochMs, jobId, runIdentity } from "./ids.ts";
import type { JobInput } from "./job-input.ts";
import type { PhaseOutcome } from "./job-result.ts";
import { describeJobState, PENDING, type JobState } from "./job-state.ts";
import type { JobPlan } from "./run-plan.ts";
import { MAX_ATTEMPTS, stepJob, type JobContext } from "./step-job.ts";
import { unreachable } from "./unreachable.ts";
import { unwrap } from "./unwrap.ts";
import {
  JOB_PHASE_ORDER,
  SECTION_PHASES,
  type JobPhaseCode,
  type SectionName,
  type SystemPhaseCode,
} from "./vocabulary.ts";

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
      outcome: { status: "failed", error: { code: errorCode("image_not_found"), message: "No such image" } },
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
    expect(asked.state).toMatchObject({ status: "running", stop: "cancel" });
    expect(asked.told.at(-1)).toBe("=> cancel_job");
    const end: JobInput = {
      type: "step_finished",
      step: 1,
      end: { kind: "signaled", signal: "SIGTERM" },
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
        message: 'Cannot take input step_finished (step 1 exited) in state job "build": pending',
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

/** A job with every phase there is, one step, and one more attempt whatever went wrong. */
const whole: JobContext = {
  ...context,
  plan: {
    ...plan,
    stepCount: 1,
    timeoutMs: 1000,
    restoresCache: true,
    restoresArtifacts: true,
    savesArtifacts: "always",
    savesCache: "on_success",
  },
};
const retried: JobContext = {
  ...whole,
  plan: { ...whole.plan, retry: { max: 1, on: ["failure", "timeout", "provider"] } },
};
const noImage = { code: errorCode("image_not_found"), message: "No such image" };
const BROKEN: PhaseOutcome = { status: "failed", error: noImage };
const timedOut: JobInput = { type: "job_timed_out", attempt: 1, atMs: at(5) };
const cancel: JobInput = { type: "job_cancel", atMs: at(5) };
const asked: JobInput = { type: "job_stop_requested", atMs: at(5) };

function ended(phase: SystemPhaseCode, outcome: PhaseOutcome = { status: "success" }, ms = 5): JobInput {
  return { type: "phase_finished", phase, outcome, atMs: at(ms) };
}

const setUp: readonly JobInput[] = [
  ...begin,
  ended("job.provider_prepare"),
  ended("job.cache_restore"),
  ended("job.artifact_restore"),
];
const saved: readonly JobInput[] = [ended("job.artifact_save"), ended("job.cache_save"), cleanedUp];

/** What the last of these inputs is answered with. */
function answerTo(inputs: readonly JobInput[], of: JobContext = whole) {
  const { state } = play(inputs.slice(0, -1), of);
  const step = stepJob(of, state, inputs.at(-1) as JobInput);
  if (!step.ok) throw new Error(step.error.message);
  return step.value;
}

/** The phases that a job begins, in order. */
function phasesOf(inputs: readonly JobInput[], of: JobContext = whole): string[] {
  return play(inputs, of).told.flatMap((line) => /^job\.(\w+)(?: attempt \d)? begins$/.exec(line)?.[1] ?? []);
}

describe("stepJob() and the phases of a job", () => {
  const all = [
    "provider_prepare",
    "cache_restore",
    "artifact_restore",
    "execution",
    "artifact_save",
    "cache_save",
    "cleanup",
  ];

  test("goes through all of them in their order", () => {
    expect(phasesOf([...setUp, ends(1, 0, 5), ...saved])).toEqual(all);
    expect(JOB_PHASE_ORDER).toEqual(all.map((phase) => `job.${phase}`));
  });

  test.each([
    ["always", 0, true],
    ["always", 1, true],
    ["on_success", 0, true],
    ["on_success", 1, false],
    ["on_failure", 0, false],
    ["on_failure", 1, true],
  ] as const)("saves %s when a step exited with %i: %s", (when, exitCode, saves) => {
    const cache = { ...context, plan: { ...plan, stepCount: 1, savesCache: when } };
    const artifacts = { ...context, plan: { ...plan, stepCount: 1, savesArtifacts: when } };
    const inputs = [...begin, prepared, ends(1, exitCode, 5)];
    expect(phasesOf(inputs, cache).includes("cache_save")).toBe(saves);
    expect(phasesOf(inputs, artifacts).includes("artifact_save")).toBe(saves);
  });

  test.each([
    [true, false, ["cache_restore"]],
    [false, true, ["artifact_restore"]],
    [true, true, ["cache_restore", "artifact_restore"]],
  ])("restores a cache: %s, artifacts: %s", (restoresCache, restoresArtifacts, restored) => {
    const of = { ...context, plan: { ...plan, restoresCache, restoresArtifacts } };
    const over = restored.map((phase) => ended(`job.${phase}` as SystemPhaseCode));
    expect(phasesOf([...begin, prepared, ...over], of)).toEqual([
      "provider_prepare",
      ...restored,
      "execution",
    ]);
  });

  test("saves nothing of a job that was cancelled", () => {
    const both = { ...whole, plan: { ...whole.plan, stepCount: 2, savesCache: "on_failure" as const } };
    expect(phasesOf([...setUp, cancel, ends(1, 0, 6)], both).slice(3)).toEqual(["execution", "cleanup"]);
  });

  test("leaves out what does not take place", () => {
    expect(phasesOf([...begin, prepared, ends(1, 0, 5), ends(2, 0, 6)], context)).toEqual([
      "provider_prepare",
      "execution",
      "cleanup",
    ]);
  });

  test.each(["job.provider_prepare", "job.cache_restore", "job.artifact_restore"] as const)(
    "skips the execution after a failed %s, and fails for the provider",
    (phase) => {
      const before = setUp.slice(
        0,
        setUp.findIndex((input) => "phase" in input && input.phase === phase),
      );
      const inputs = [...before, ended(phase, BROKEN), cleanedUp];
      expect(play(inputs, whole).told).toContain("job.execution skipped 0 ms");
      expect(play(inputs, whole).state).toMatchObject({
        result: { status: "failed", cause: "provider", error: noImage },
      });
    },
  );

  test.each([
    ["fails", BROKEN],
    ["is cancelled", { status: "cancelled" }],
    ["succeeds", { status: "success" }],
  ] as const)("cancels the execution when set-up %s after a cancel", (_, outcome) => {
    const inputs = [...begin, cancel, ended("job.provider_prepare", outcome), cleanedUp];
    expect(play(inputs, retried).told).toContain("job.execution cancelled 0 ms");
    expect(play(inputs, retried).state).toMatchObject({ result: { status: "cancelled" }, attempts: 1 });
  });

  test("cancels the execution when set-up says that it was cancelled", () => {
    const inputs = [...begin, ended("job.provider_prepare", { status: "cancelled" }), cleanedUp];
    expect(play(inputs, whole).state).toMatchObject({ result: { status: "cancelled" } });
  });

  test("goes on after set-up that was skipped", () => {
    const inputs = [...begin, ended("job.provider_prepare", { status: "skipped" })];
    expect(phasesOf(inputs)).toEqual(["provider_prepare", "cache_restore"]);
  });

  test("fails a job that succeeded when it cannot be saved, and then saves no cache of a success", () => {
    const inputs = [...setUp, ends(1, 0, 5), ended("job.artifact_save", BROKEN), cleanedUp];
    expect(phasesOf(inputs).slice(4)).toEqual(["artifact_save", "cleanup"]);
    expect(play(inputs, whole).state).toMatchObject({
      result: { status: "failed", cause: "provider", error: noImage },
    });
  });

  test("keeps the first failure of a job that cannot be saved either", () => {
    const inputs = [...setUp, ends(1, 3, 5), ended("job.artifact_save", BROKEN), cleanedUp];
    expect(play(inputs, whole).state).toMatchObject({ result: { cause: "failure", exitCode: 3 } });
  });

  test("keeps the result of a job whose cleanup failed", () => {
    const inputs = [...begin, prepared, ends(1, 0, 5), ends(2, 0, 6), ended("job.cleanup", BROKEN)];
    expect(play(inputs).state).toMatchObject({ result: { status: "success" } });
  });
});

describe("stepJob() and what a failed job is tried again for", () => {
  const segfault: JobInput = {
    type: "step_finished",
    step: 1,
    end: { kind: "signaled", signal: "SIGSEGV" },
    atMs: at(5),
  };

  test.each<[string, readonly JobInput[], "failure" | "timeout" | "provider"]>([
    ["a step that failed", [...setUp, ends(1, 1, 5), ended("job.artifact_save")], "failure"],
    ["a step that a signal ended", [...setUp, segfault, ended("job.artifact_save")], "failure"],
    ["a step that took too long", [...setUp, timedOut, ends(1, 0, 5), ended("job.artifact_save")], "timeout"],
    ["set-up that failed", [...begin, ended("job.provider_prepare", BROKEN)], "provider"],
    ["set-up that took too long", [...begin, timedOut, ended("job.provider_prepare")], "timeout"],
    [
      "a cache that took too long",
      [...begin, prepared, timedOut, ended("job.cache_restore", { status: "cancelled" })],
      "timeout",
    ],
    ["a save that failed", [...setUp, ends(1, 0, 5), ended("job.artifact_save", BROKEN)], "provider"],
    [
      "a save that took too long",
      [...setUp, ends(1, 0, 5), timedOut, ended("job.artifact_save", BROKEN)],
      "timeout",
    ],
  ])("knows the cause of %s", (_, inputs, cause) => {
    for (const listed of ["failure", "timeout", "provider"] as const) {
      const of = { ...whole, plan: { ...whole.plan, retry: { max: 1, on: [listed] } } };
      expect(phasesOf(inputs, of).at(-1)).toBe(listed === cause ? "provider_prepare" : "cleanup");
    }
  });

  test("does not try a job again that is to stop", () => {
    const inputs = [...begin, ended("job.provider_prepare"), cancel, ended("job.cache_restore", BROKEN)];
    expect(phasesOf(inputs, retried).at(-1)).toBe("cleanup");
  });

  test("takes a step that failed after the cancel for cancelled", () => {
    const inputs = [...setUp, cancel, ends(1, 1, 6), cleanedUp];
    expect(play(inputs, retried).state).toMatchObject({ attempts: 1, result: { status: "cancelled" } });
  });

  test("takes a last step that succeeded after the cancel for cancelled", () => {
    const inputs = [...setUp, cancel, ends(1, 0, 6), cleanedUp];
    expect(play(inputs, whole).state).toMatchObject({ result: { status: "cancelled" } });
  });

  test("takes a job with steps left for cancelled although its step succeeded", () => {
    const inputs = [...begin, prepared, cancel, ends(1, 0, 6)];
    expect(play(inputs).told.slice(-4)).toEqual([
      "step.script 1 cancelled 5 ms",
      "job.execution cancelled 5 ms",
      "job.cleanup begins",
      "=> clean_up_job",
    ]);
  });

  test("asks the outside to stop once, and not while it cleans up", () => {
    expect(answerTo([...begin, cancel, cancel]).commands).toEqual([]);
    const cleaning = [...begin, prepared, ends(1, 1, 5)];
    expect(answerTo([...cleaning, cancel], context)).toMatchObject({
      commands: [],
      state: { phase: "job.cleanup", verdict: { status: "failed" } },
    });
  });
});

describe("stepJob() and the limit of a step", () => {
  const limited = {
    ...plan,
    stepCount: 2,
    afterStepCount: 1,
    stepTimeoutsMs: new Map([
      [1, 20],
      [3, 30],
    ]),
  };
  const one: JobContext = { ...context, plan: limited };
  const begun = [...begin, prepared];
  const timer = { jobId: "build", attempt: 1, step: 1 };
  const late = (step: number): JobInput => ({ type: "step_timed_out", attempt: 1, step, atMs: at(5) });
  const error = { code: "timeout", message: "Step 1 ran longer than its limit of 0.02 s" };

  test("starts a timer with the step, and stops it with the step or what stops the attempt", () => {
    const step = { type: "run_step", jobId: "build", attempt: 1, step: 1 };
    expect(answerTo(begun, one).commands).toEqual([step, { type: "start_timer", ...timer, afterMs: 20 }]);
    const stop = { type: "stop_timer", ...timer };
    expect(answerTo([...begun, ends(1, 0, 5)], one).commands).toEqual([stop, { ...step, step: 2 }]);
    expect(answerTo([...begun, cancel], one).commands).toMatchObject([stop, { type: "cancel_job" }]);
    expect(answerTo([...begun, cancel, ends(1, 0, 5)], one).commands).not.toContainEqual(stop);
  });

  test("ends a step that reached it, which fails the job as the limit of the job does", () => {
    expect(answerTo([...begun, late(1)], one).commands).toEqual([{ type: "cancel_step", ...timer }]);
    const failed = play([...begun, late(1), ends(1, 0, 9), ends(3, 0, 12), cleanedUp], one);
    expect(failed.state).toMatchObject({ result: { status: "failed", cause: "timeout", error } });
    expect(failed.told).not.toContain("step.script 2 success 0 ms");
  });

  test("outweighs a later cancel or request, and not the limit of the job", () => {
    const limits: JobContext = { ...one, plan: { ...limited, timeoutMs: 1000 } };
    const ended = (inputs: readonly JobInput[]): unknown => {
      const finish = answerTo([...begun, ...inputs, ends(1, 0, 9)], limits).emissions;
      return finish.map(({ event }) => ("error" in event ? event.error : undefined)).find(Boolean);
    };
    expect(ended([late(1), cancel])).toEqual(error);
    expect(ended([cancel, late(1)])).toEqual(error);
    expect(ended([late(1), asked])).toEqual(error);
    expect(ended([late(1), timedOut])).toMatchObject({ message: "The job ran longer than its limit of 1 s" });
  });

  test("does not count in a step that begins in an attempt that is to stop", () => {
    const cut: JobContext = { ...whole, plan: { ...whole.plan, stepTimeoutsMs: new Map([[1, 20]]) } };
    const inputs = [...begin, prepared, ended("job.cache_restore"), timedOut, ended("job.artifact_restore")];
    expect(answerTo(inputs, cut).commands).toEqual([
      { type: "run_step", jobId: "build", attempt: 1, step: 1 },
    ]);
  });

  test("ends a step of after_script, which changes nothing", () => {
    const inputs = [...begun, ends(1, 0, 5), ends(2, 0, 6), late(3), ends(3, 0, 9), cleanedUp];
    const { state, told } = play(inputs, one);
    expect(told).toContain("step.script 3 failed 3 ms");
    expect(state).toMatchObject({ result: { status: "success" } });
  });

  test("is refused where the step has none, is not under way, or is stopping", () => {
    const all: readonly (readonly JobInput[])[] = [
      [late(1)],
      [...begun, late(2)],
      [...begun, late(3)],
      [...begun, late(1), late(1)],
      [...begun, { ...late(1), attempt: 2 } as JobInput],
    ];
    for (const inputs of all) expect(() => play(inputs, one)).toThrow("step_timed_out");
  });
});

describe("stepJob() and steps that may fail or are left out", () => {
  const of = (more: Partial<JobContext["plan"]>): JobContext => ({
    ...context,
    plan: { ...plan, stepCount: 3, ...more },
  });
  const begun = [...begin, prepared];

  test("goes on after a failure that is tolerated, and says so in its record", () => {
    const lenient = of({
      toleratedSteps: new Map<number, AllowFailure>([
        [1, { exit_codes: [3] }],
        [3, true],
      ]),
    });
    const inputs = [...begun, ends(1, 3, 5), ends(2, 0, 6)];
    expect(answerTo([...begun, ends(1, 3, 5)], lenient).emissions[0]?.event).toMatchObject({
      status: "failed",
      tolerated: true,
    });
    expect(play([...inputs, ends(3, 9, 7), cleanedUp], lenient).state).toMatchObject({
      result: { status: "success" },
    });
    expect(play([...begun, ends(1, 4, 5), cleanedUp], lenient).state).toMatchObject({
      result: { status: "failed", exitCode: 4 },
    });
    const asks = [...begun, asked, ends(1, 3, 5), cleanedUp];
    expect(play(asks, lenient).state).toMatchObject({ result: { error: { code: "job_cancelled" } } });
  });

  test("leaves steps out, and all of them", () => {
    const some = of({ withheldSteps: new Set([1, 3]) });
    expect(play([...begun, ends(2, 0, 5), cleanedUp], some).state).toMatchObject({
      result: { status: "success" },
    });
    const none = of({ withheldSteps: new Set([1, 2, 3]) });
    expect(play([...begun, cleanedUp], none).state).toMatchObject({ result: { status: "success" } });
    const late = of({ withheldSteps: new Set([1, 2, 3, 4]), afterStepCount: 2 });
    expect(answerTo(begun, late).commands).toEqual([
      { type: "run_step", jobId: "build", attempt: 1, step: 5, verdict: "success" },
    ]);
  });
});

describe("stepJob() and the limit of a job", () => {
  const start = { type: "start_timer", jobId: "build", attempt: 1, afterMs: 1000 };
  const stop = { type: "stop_timer", jobId: "build", attempt: 1 };
  const cancelJob = { type: "cancel_job", jobId: "build", attempt: 1, cause: "cancel" };

  test("starts a timer with each attempt, before anything else", () => {
    expect(answerTo(begin, whole).commands).toEqual([
      start,
      { type: "start_job", jobId: "build", attempt: 1 },
    ]);
    const again = [...begin, ended("job.provider_prepare", BROKEN)];
    expect(answerTo(again, retried).commands).toEqual([
      stop,
      { ...start, attempt: 2 },
      { type: "start_job", jobId: "build", attempt: 2 },
    ]);
  });

  test("stops the timer with the attempt, and by a cancel", () => {
    const done = [...setUp, ends(1, 0, 5), ended("job.artifact_save"), ended("job.cache_save")];
    expect(answerTo(done, whole).commands).toEqual([stop, { type: "clean_up_job", jobId: "build" }]);
    expect(answerTo([...setUp, cancel], whole).commands).toEqual([stop, cancelJob]);
  });

  test("stops an attempt that reached it, once, and does not stop a timer that has fired", () => {
    expect(answerTo([...setUp, timedOut], whole).commands).toEqual([{ ...cancelJob, cause: "timeout" }]);
    expect(answerTo([...setUp, timedOut, cancel], whole).commands).toEqual([]);
    expect(answerTo([...begin, timedOut, ended("job.provider_prepare")], whole).commands).toEqual([
      { type: "clean_up_job", jobId: "build" },
    ]);
  });

  test("lets what came first say how the step ended, and a cancel how the job did", () => {
    const late = play([...setUp, timedOut, cancel, ends(1, 0, 6), cleanedUp], whole);
    expect(late.told).toContain("step.script 1 failed 1 ms");
    expect(late.state).toMatchObject({ result: { status: "cancelled" } });
    const reported = [...setUp, cancel, timedOut, ends(1, 0, 6), cleanedUp];
    expect(play(reported, whole)).toMatchObject({ state: late.state });
    expect(play(reported, whole).told).toContain("step.script 1 failed 1 ms");
  });

  test("keeps a phase that came to its end in spite of it, and goes on to a step that is cut", () => {
    const inputs = [...begin, prepared, timedOut, ended("job.cache_restore"), ended("job.artifact_restore")];
    expect(play(inputs, whole).told).toContain("job.cache_restore success 4 ms");
    expect(play([...inputs, ends(1, 0, 9)], whole).told).toContain("job.execution failed 4 ms");
  });

  test("a request stops the attempt: the job fails, and is not tried again", () => {
    expect(answerTo([...setUp, asked], retried).commands).toEqual([
      { type: "stop_timer", jobId: "build", attempt: 1 },
      { ...cancelJob, cause: "request" },
    ]);
    const error = { code: "job_cancelled", message: "The job was cancelled on request" };
    const stopped = play([...setUp, asked, ends(1, 0, 6), ended("job.artifact_save"), cleanedUp], retried);
    expect(stopped.state).toMatchObject({
      status: "settled",
      attempts: 1,
      result: { status: "failed", blocking: true, error },
    });
    // Set-up that was cut short has failed, whatever it came to.
    expect(play([...begin, asked, ended("job.provider_prepare"), cleanedUp], retried).state).toMatchObject({
      status: "settled",
      result: { status: "failed", error },
    });
    // The first of two causes counts, but for a cancel of the whole run.
    expect(answerTo([...setUp, timedOut, asked], whole).commands).toEqual([]);
    expect(answerTo([...setUp, asked, asked], whole).commands).toEqual([]);
    expect(answerTo([...setUp, asked, cancel], whole).commands).toEqual([]);
    expect(play([...setUp, asked, cancel, ends(1, 0, 6), cleanedUp], whole).state).toMatchObject({
      result: { status: "cancelled" },
    });
    expect(answerTo([...setUp, ends(1, 0, 5), ...saved.slice(0, 2), asked], whole).commands).toEqual([]);
    for (const early of [[], begin.slice(0, 1), [...setUp, ends(1, 0, 5), ...saved]]) {
      const { state } = play(early, whole);
      expect(stepJob(whole, state, asked)).toMatchObject({ error: { input: "job_stop_requested" } });
    }
  });

  test.each<[string, readonly JobInput[], JobContext]>([
    ["of a job without one", [...begin, prepared], context],
    ["of another attempt", [...begin, ended("job.provider_prepare", BROKEN)], retried],
    ["that was reached before", [...setUp, timedOut], whole],
    ["that was reached before a cancel", [...setUp, timedOut, cancel], whole],
    ["of a job that was asked to stop", [...setUp, asked], whole],
    ["of a job that was asked to stop before a cancel", [...setUp, asked, cancel], whole],
    ["of a job that cleans up", [...setUp, cancel, ends(1, 0, 6)], whole],
    ["of a job that waits", [], whole],
  ])("refuses that %s", (_, inputs, of) => {
    const { state } = play(inputs, of);
    expect(stepJob(of, state, timedOut)).toMatchObject({
      ok: false,
      error: { input: "job_timed_out (attempt 1)" },
    });
  });
});

describe("stepJob() and exit codes that count", () => {
  const job = (more: Partial<JobPlan>): JobContext => ({
    ...context,
    plan: { ...plan, stepCount: 1, ...more },
  });
  const resultOf = (of: JobContext, exitCode: number): unknown => {
    const { state } = play([...begin, prepared, ends(1, exitCode, 3), cleanedUp], of);
    return state.status === "settled" ? state.result : undefined;
  };

  test("a failure is tolerated whose exit code is allowed, and no other", () => {
    const some = job({ allowFailure: { exit_codes: [3, 137] } });
    expect(resultOf(some, 3)).toMatchObject({ status: "failed", blocking: false });
    expect(resultOf(some, 4)).toMatchObject({ status: "failed", blocking: true });
    expect(resultOf(job({ allowFailure: true }), 4)).toMatchObject({ blocking: false });
    const killed: JobInput = { ...ends(1, 0, 3), end: { kind: "signaled", signal: "SIGKILL" } } as JobInput;
    const { state } = play([...begin, prepared, killed, cleanedUp], some);
    expect(state).toMatchObject({ result: { status: "failed", blocking: true } });
  });

  test("a job is tried again for its exit codes, beside its causes", () => {
    const again = (retry: JobPlan["retry"], exitCode: number): boolean =>
      play([...begin, prepared, ends(1, exitCode, 3)], job({ retry })).told.includes(
        "job.provider_prepare attempt 2 begins",
      );
    expect(again({ max: 1, on: [], exit_codes: [3] }, 3)).toBe(true);
    expect(again({ max: 1, on: [], exit_codes: [3] }, 4)).toBe(false);
    expect(again({ max: 1, on: ["failure"], exit_codes: [3] }, 4)).toBe(true);
    expect(again({ max: 1, on: ["timeout"] }, 3)).toBe(false);
  });
});

describe("stepJob() and what follows the steps that decide", () => {
  const after: JobContext = { ...context, plan: { ...plan, stepCount: 1, afterStepCount: 2 } };
  const cancel: JobInput = { type: "job_cancel", atMs: at(2) };
  const late = (step: number, more: Partial<JobInput> = {}): JobInput =>
    ({ ...ends(step, 0, 5), ...more }) as JobInput;
  /** How steps, the execution and the job ended. */
  const endsOf = (inputs: readonly JobInput[], of = after): readonly string[] =>
    play([...begin, prepared, ...inputs], of).told.filter((line) =>
      /^step.script \d|^job.execution (?!begins)|running ->/u.test(line),
    );

  test("runs all of it after a success, a failure and a cancel, and nothing of it changes the result", () => {
    expect(endsOf([ends(1, 0, 2), late(2), late(3), cleanedUp])).toEqual([
      "step.script 1 begins",
      "step.script 1 success 1 ms",
      "step.script 2 begins",
      "step.script 2 success 3 ms",
      "step.script 3 begins",
      "step.script 3 success 0 ms",
      "job.execution success 4 ms",
      "running -> success",
    ]);
    expect(endsOf([ends(1, 3, 2), ends(2, 4, 5), late(3), cleanedUp]).slice(3)).toEqual([
      "step.script 2 failed 3 ms",
      "step.script 3 begins",
      "step.script 3 success 0 ms",
      "job.execution failed 4 ms",
      "running -> failed",
    ]);
    expect(endsOf([cancel, ends(1, 143, 3), late(2), ends(3, 1, 6), cleanedUp]).slice(1)).toEqual([
      "step.script 1 cancelled 2 ms",
      "step.script 2 begins",
      "step.script 2 success 2 ms",
      "step.script 3 begins",
      "step.script 3 failed 1 ms",
      "job.execution cancelled 5 ms",
      "running -> cancelled",
    ]);
    expect(endsOf([ends(1, 0, 2), ends(2, 1, 5), late(3), cleanedUp]).slice(-2)).toEqual([
      "job.execution success 4 ms",
      "running -> success",
    ]);
  });

  test("says what the step that decided ended with, and how the job came out to what follows", () => {
    const { told: _told, ...played } = play([...begin, prepared, ends(1, 3, 2)], after);
    expect(played.state).toMatchObject({ step: { number: 2 }, decided: { verdict: { status: "failed" } } });
    const step = stepJob(after, played.state, ends(2, 9, 4));
    expect(step.ok && step.value.commands).toEqual([
      { type: "run_step", jobId: plan.jobId, attempt: 1, step: 3, verdict: "failed" },
    ]);
    const last = step.ok ? stepJob(after, step.value.state, late(3)) : step;
    expect(last.ok && last.value.emissions.at(1)?.event).toMatchObject({
      phase_code: "job.execution",
      exit_code: 3,
      error: { code: "exit_code", message: "Step 1 exited with code 3" },
    });
  });

  test("a cancel in it cancels the job, and a limit or a request does not change what was decided", () => {
    expect(endsOf([ends(1, 0, 2), cancel, late(2), late(3), cleanedUp]).at(-1)).toBe("running -> cancelled");
    const request: JobInput = { type: "job_stop_requested", atMs: at(3) };
    expect(endsOf([ends(1, 0, 2), request, late(2), late(3), cleanedUp]).at(-1)).toBe("running -> success");
    const limited = { ...after, plan: { ...after.plan, timeoutMs: 5 } };
    const limit: JobInput = { type: "job_timed_out", attempt: 1, atMs: at(5) };
    expect(endsOf([ends(1, 0, 2), limit, late(2), late(3), cleanedUp], limited).at(-1)).toBe(
      "running -> success",
    );
    const prevented = { kind: "not_started", error: { code: "cancelled", message: "Stopped" } } as const;
    const cut = endsOf([cancel, ends(1, 1, 3), late(2, { end: prevented }), late(3), cleanedUp]);
    expect(cut).toContain("step.script 2 cancelled 2 ms");
  });

  test("begins nothing of it in a job that is abandoned, and closes what was under way", () => {
    const abandoned: JobInput = { type: "job_cancel", isAbandoned: true, atMs: at(2) };
    const unknown: JobInput = { type: "step_finished", step: 1, end: { kind: "unknown" }, atMs: at(3) };
    const closed = ["step.script 1 cancelled 2 ms", "job.execution cancelled 2 ms", "running -> cancelled"];
    expect(endsOf([abandoned, unknown, cleanedUp]).slice(1)).toEqual(closed);
    expect(endsOf([cancel, abandoned, unknown, cleanedUp]).slice(1)).toEqual(closed);
    const inLate = [ends(1, 0, 2), abandoned, { ...unknown, step: 2 } as JobInput, cleanedUp];
    expect(endsOf(inLate).slice(-3)).toEqual([
      "step.script 2 cancelled 1 ms",
      "job.execution cancelled 2 ms",
      "running -> cancelled",
    ]);
  });
});

describe("stepJob() and sections", () => {
  /** Phases in which a section may begin. */
  const phasesFor = (section: SectionName): JobPhaseCode[] =>
    JOB_PHASE_ORDER.filter(
      (phase) => stepJob(whole, inPhase(phase), { type: "section_started", section, atMs: at(1) }).ok,
    );

  function inPhase(phase: JobPhaseCode): JobState {
    const running = { status: "running", attempt: 1, phaseStartedAtMs: at(0) } as const;
    const verdict = { status: "success" } as const;
    switch (phase) {
      case "job.execution":
        return { ...running, phase, step: { number: 1, startedAtMs: at(0) } };
      case "job.artifact_save":
      case "job.cache_save":
        return { ...running, phase, verdict };
      case "job.cleanup":
        return { ...running, phase, verdict };
      case "job.provider_prepare":
      case "job.cache_restore":
      case "job.artifact_restore":
        return { ...running, phase };
      default:
        return unreachable(phase);
    }
  }

  test("lets each begin in its own phase only", () => {
    const found = Object.keys(SECTION_PHASES).map((name) => [name, phasesFor(name as SectionName)]);
    expect(Object.fromEntries(found)).toEqual({
      provider: ["job.provider_prepare"],
      services: ["job.provider_prepare"],
      image_build: ["job.provider_prepare"],
      cache_restore: ["job.cache_restore"],
      artifact_extract: ["job.artifact_restore"],
      artifact_save: ["job.artifact_save"],
      cache_save: ["job.cache_save"],
      cleanup: ["job.cleanup"],
    });
  });

  const opened: JobInput = { type: "section_started", section: "provider", atMs: at(2) };
  const closed: JobInput = {
    type: "section_finished",
    section: "provider",
    outcome: { status: "success" },
    atMs: at(5),
  };

  test("lets none begin inside another, and no phase end before its section", () => {
    const { state } = play([...begin, opened]);
    const inside: JobInput = { type: "section_started", section: "services", atMs: at(3) };
    expect(stepJob(context, state, inside)).toMatchObject({
      ok: false,
      error: {
        state: 'job "build": running job.provider_prepare, section provider',
        input: "section_started (services)",
      },
    });
    expect(stepJob(context, state, prepared)).toMatchObject({
      ok: false,
      error: { input: "phase_finished (job.provider_prepare)" },
    });
    expect(stepJob(context, state, { ...closed, section: "services" } as JobInput)).toMatchObject({
      ok: false,
      error: { input: "section_finished (services)" },
    });
  });

  test("lets no phase end that the job is not in", () => {
    const { state } = play(begin, whole);
    expect(stepJob(whole, state, ended("job.cache_restore"))).toMatchObject({
      ok: false,
      error: { input: "phase_finished (job.cache_restore)" },
    });
  });

  test("goes on as before once it has ended", () => {
    expect(play([...begin, opened, closed]).state).toEqual(play(begin).state);
  });
});

describe("stepJob() refuses", () => {
  const refused: JobInput[] = [
    ended("job.provider_prepare"),
    ended("job.cache_restore"),
    { type: "step_finished", step: 1, end: { kind: "unknown" }, atMs: at(5) },
    ends(2, 0, 5),
    { type: "job_ready" },
    { type: "job_start", atMs: at(5) },
    { type: "job_skip", reason: "stage_blocked", blockedBy: [], atMs: at(5) },
  ];

  test.each(refused)("%j of a job in its first step", (input) => {
    const { state } = play([...begin, prepared]);
    expect(stepJob(context, state, input)).toMatchObject({
      ok: false,
      error: { state: 'job "build": running job.execution, step 1' },
    });
  });

  test.each(["job_ready", "job_skip"] as const)("%s of a job that was skipped", (type) => {
    const skip: JobInput = { type: "job_skip", reason: "stage_blocked", blockedBy: [], atMs: at(5) };
    const { state } = play([skip]);
    expect(stepJob(context, state, type === "job_skip" ? skip : { type })).toMatchObject({
      ok: false,
      error: { state: 'job "build": skipped', input: type },
    });
  });

  test("a start of a job that is not ready", () => {
    expect(stepJob(context, PENDING, { type: "job_start", atMs: at(0) }).ok).toBe(false);
  });

  test("nothing of a cancel, which leaves a job that has ended as it is", () => {
    const { state } = play([cancel]);
    expect(state).toEqual({ status: "settled", result: { status: "cancelled" }, attempts: 0 });
    expect(stepJob(context, state, cancel)).toEqual({
      ok: true,
      value: { state, emissions: [], commands: [] },
    });
  });
});

describe("stepJob() words in full", () => {
  const ids = { run_id: "loom-run-local-1", pipeline_id: "loom-local-1", job_id: "build" };
  const version = "loom.runtime.logs.v2";

  test("the start of a job", () => {
    expect(answerTo(begin)).toMatchObject({
      emissions: [
        {
          stream: { kind: "pipeline" },
          event: { event: "job_state", job_id: "build", from: "ready", to: "running" },
        },
        {
          stream: { kind: "job", jobId: "build" },
          event: {
            event: "phase_start",
            schema_version: version,
            ...ids,
            scope: "job",
            phase_code: "job.provider_prepare",
            phase_family: "provider",
          },
        },
      ],
      commands: [
        { type: "start_timer", jobId: "build", attempt: 1, afterMs: 1000 },
        { type: "start_job", jobId: "build", attempt: 1 },
      ],
    });
  });

  test("a section that failed, in a second attempt", () => {
    const again = [...begin, ended("job.provider_prepare", BROKEN)];
    const opened: JobInput = { type: "section_started", section: "services", atMs: at(6) };
    const closed: JobInput = {
      type: "section_finished",
      section: "services",
      outcome: BROKEN,
      atMs: at(8),
    };
    const fields = {
      schema_version: version,
      ...ids,
      scope: "job",
      phase_code: "job.provider_prepare",
      phase_family: "provider",
      attempt: 2,
      section: "services",
    };
    const stream = { kind: "section", jobId: "build", section: "services" };
    expect(answerTo([...again, opened], retried).emissions).toEqual([
      { stream, event: { event: "phase_start", ...fields } },
    ]);
    expect(answerTo([...again, opened, closed], retried).emissions).toEqual([
      {
        stream,
        event: { event: "phase_finish", ...fields, status: "failed", duration_ms: 2, error: noImage },
      },
    ]);
  });

  test("a step that a signal ended, in a second attempt, and the execution with it", () => {
    const signaled: JobInput = {
      type: "step_finished",
      step: 1,
      end: { kind: "signaled", signal: "SIGSEGV" },
      atMs: at(9),
    };
    const again = [...begin, ended("job.provider_prepare", BROKEN, 1), ...setUp.slice(2)];
    const end = {
      status: "failed",
      duration_ms: 4,
      signal: "SIGSEGV",
      error: { code: "signal", message: "Step 1 was ended by SIGSEGV" },
    };
    const step = answerTo([...again, signaled], retried);
    expect(step.emissions.slice(0, 2)).toEqual([
      {
        stream: { kind: "step", jobId: "build", step: 1 },
        event: {
          event: "phase_finish",
          schema_version: version,
          ...ids,
          scope: "step",
          phase_code: "step.script",
          phase_family: "step",
          step: 1,
          attempt: 2,
          ...end,
        },
      },
      {
        stream: { kind: "job", jobId: "build" },
        event: {
          event: "phase_finish",
          schema_version: version,
          ...ids,
          scope: "job",
          phase_code: "job.execution",
          phase_family: "execution",
          attempt: 2,
          ...end,
        },
      },
    ]);
    expect(step.commands).toEqual([
      { type: "run_phase", jobId: "build", attempt: 2, phase: "job.artifact_save", verdict: "failed" },
    ]);
  });

  test("the end of a job that failed, with the code of its error", () => {
    const step = answerTo([...begin, ended("job.provider_prepare", BROKEN), cleanedUp]);
    expect(step.emissions.at(-1)?.event).toEqual({
      event: "job_state",
      job_id: "build",
      from: "running",
      to: "failed",
      reason: "image_not_found",
    });
  });

  test("a job that was skipped, with the reason and the jobs to blame, if there are any", () => {
    const skip = { type: "job_skip", reason: "upstream_failed", atMs: at(0) } as const;
    const moved = { event: "job_state", job_id: "build", from: "pending", to: "skipped" };
    expect(answerTo([{ ...skip, blockedBy: [jobId("lint")] }]).emissions.at(-1)?.event).toEqual({
      ...moved,
      reason: "upstream_failed",
      blocked_by: ["lint"],
    });
    expect(answerTo([{ ...skip, blockedBy: [] }]).emissions.at(-1)?.event).toEqual({
      ...moved,
      reason: "upstream_failed",
    });
  });

  test("no duration below zero where the clock was set back", () => {
    const back = [...begin.slice(0, 1), { type: "job_start", atMs: at(9) } as const];
    expect(answerTo([...back, prepared]).emissions[0]?.event).toMatchObject({ duration_ms: 0 });
  });

  test("the commands of a job without mentioning more than it needs", () => {
    expect(answerTo([...begin, prepared], context).commands).toEqual([
      { type: "run_step", jobId: "build", attempt: 1, step: 1 },
    ]);
    expect(answerTo([...begin, cancel], context).commands).toEqual([
      { type: "cancel_job", jobId: "build", attempt: 1, cause: "cancel" },
    ]);
    expect(answerTo([...begin, prepared, ends(1, 1, 5)], context).commands).toEqual([
      { type: "clean_up_job", jobId: "build" },
    ]);
  });
});

test.each<[string, readonly JobInput[]]>([
  ["that succeeds", [...setUp, ends(1, 0, 5), ...saved]],
  ["whose step fails", [...setUp, ends(1, 3, 5), ended("job.artifact_save"), cleanedUp]],
  ["whose set-up fails", [...begin, ended("job.provider_prepare", BROKEN), cleanedUp]],
  ["that reaches its limit", [...setUp, timedOut, ends(1, 0, 5), ended("job.artifact_save"), cleanedUp]],
  ["that is cancelled", [...setUp, cancel, ends(1, 143, 6), cleanedUp]],
  ["that never starts", [cancel]],
  [
    "with a section",
    [
      ...begin,
      { type: "section_started", section: "provider", atMs: at(1) },
      { type: "section_finished", section: "provider", outcome: { status: "success" }, atMs: at(2) },
      prepared,
    ],
  ],
])("stepJob() has no field without a value in all it says of a job %s", (_, inputs) => {
  for (const index of inputs.keys()) {
    const step = answerTo(inputs.slice(0, index + 1));
    expect(step).toStrictEqual(JSON.parse(JSON.stringify(step)));
  }
});

test("stepJob() says of steps that went well how long they took, and no more", () => {
  const execution = answerTo([...setUp, ends(1, 0, 7)]).emissions.find(
    ({ event }) => "phase_code" in event && event.phase_code === "job.execution",
  );
  expect(execution?.event).toStrictEqual({
    event: "phase_finish",
    schema_version: "loom.runtime.logs.v2",
    run_id: "loom-run-local-1",
    pipeline_id: "loom-local-1",
    scope: "job",
    phase_code: "job.execution",
    phase_family: "execution",
    job_id: "build",
    status: "success",
    duration_ms: 2,
  });
});

test.each([
  [{}, {}],
  [{ keptFrom: runIdentity(2n).runId }, { kept_from: runIdentity(2n).runId }],
])("stepJob() notes of a skip the run that its result is from: %j", (kept, noted) => {
  const why = { reason: "not_selected", blockedBy: [], ...kept } as const;
  const step = stepJob(context, PENDING, { type: "job_skip", ...why, atMs: at(0) });
  if (!step.ok) throw new Error(step.error.message);
  expect(step.value.state).toStrictEqual({
    status: "settled",
    attempts: 0,
    result: { status: "skipped", ...why },
  });
  expect(step.value.emissions.at(-1)?.event).toStrictEqual({
    event: "job_state",
    job_id: "build",
    from: "pending",
    to: "skipped",
    reason: "not_selected",
    ...noted,
  });
});

describe("stepJob(), where a job is held after a step that failed", () => {
  const timed: JobPlan = { ...plan, timeoutMs: 500, afterStepCount: 1, savesArtifacts: "always" };
  const holding: JobContext = { ...context, plan: timed, pauseTimeoutMs: 60_000 };
  const held = [...begin, prepared, ends(1, 0, 3), ends(2, 4, 7)];
  const resume = (how: "retry_step" | "continue"): JobInput => ({ type: "job_resumed", how, atMs: at(50) });

  test("stops its limit, and has nothing under way", () => {
    const { state, told } = play(held, holding);
    expect(told.slice(-3)).toEqual(["step.script 2 failed 4 ms", "=> stop_timer", "=> pause_job"]);
    expect(state).toMatchObject({
      status: "running",
      attempt: 1,
      phase: "job.execution",
      paused: { step: 2 },
    });
    expect(describeJobState(state)).toBe("running job.execution, paused after step 2");
  });

  test("tries the step again as a new attempt that begins there, with a limit of its own", () => {
    const again = play([...held, resume("retry_step")], holding);
    expect(again.told.slice(-7)).toMatchInlineSnapshot(`
      [
        "=> pause_job",
        "job.execution failed 49 ms",
        "job.execution attempt 2 begins",
        "step.script 2 attempt 2 begins",
        "=> end_pause",
        "=> start_timer",
        "=> run_step",
      ]
    `);
    const done = play([...held, resume("retry_step"), ends(2, 0, 60), ends(3, 0, 61)], holding);
    expect(done.told.slice(-4)).toMatchInlineSnapshot(`
      [
        "step.script 3 attempt 2 success 1 ms",
        "job.execution attempt 2 success 11 ms",
        "job.artifact_save attempt 2 begins",
        "=> run_phase",
      ]
    `);
    const { emissions } = unwrap(stepJob(holding, play(held, holding).state, resume("retry_step")));
    expect(emissions.map(({ event }) => event)).toMatchObject([
      { event: "phase_finish", phase_code: "job.execution", status: "failed", exit_code: 4 },
      { event: "phase_start", phase_code: "job.execution", attempt: 2, from_step: 2 },
      { event: "phase_start", phase_code: "step.script", attempt: 2, step: 2 },
    ]);
  });

  test("is held again when the step fails again, and succeeds when it does not", () => {
    expect(play([...held, resume("retry_step"), ends(2, 5, 60)], holding).state).toMatchObject({
      attempt: 2,
      paused: { step: 2, verdict: { exitCode: 5 } },
    });
  });

  test("fails as it did when nobody wants more of it, with all that follows", () => {
    expect(play([...held, resume("continue")], holding).told.slice(-4)).toMatchInlineSnapshot(`
      [
        "step.script 3 begins",
        "=> end_pause",
        "=> start_timer",
        "=> run_step",
      ]
    `);
  });

  test.each([
    [{ type: "job_cancel", atMs: at(50) }, "cancel"],
    [{ type: "job_stop_requested", atMs: at(50) }, "request"],
  ] as const)("goes on to its end when it is stopped: %j", (stop, cause) => {
    const { state } = play(held, holding);
    const { state: next, commands } = unwrap(stepJob(holding, state, stop));
    expect(commands).toMatchObject([
      { type: "end_pause", attempt: 1 },
      { type: "cancel_job", cause },
      { type: "run_step", step: 3, verdict: "failed" },
    ]);
    expect(next).toMatchObject({ stop: cause, step: { number: 3 } });
    const last = unwrap(stepJob(holding, next, ends(3, 0, 55))).emissions.at(0)?.event;
    expect(last).toMatchObject({ phase_code: "step.script" });
  });

  test("is not held where it would be tried again by itself, may go on, or was stopped", () => {
    const retried = { ...holding, plan: { ...plan, retry: { max: 1, on: ["failure" as const] } } };
    expect(play(held, retried).state).toMatchObject({ attempt: 2, phase: "job.provider_prepare" });
    const tolerated = { ...holding, plan: { ...timed, toleratedSteps: new Map([[2, true]]) } };
    expect(play(held, tolerated).state).not.toHaveProperty("paused");
    const stopped = [...held.slice(0, -1), { type: "job_cancel", atMs: at(6) } as const, ends(2, 4, 7)];
    expect(play(stopped, holding).state).not.toHaveProperty("paused");
  });

  test("takes no answer while it is not held, and no limit while it is", () => {
    expect(stepJob(holding, PENDING, resume("continue")).ok).toBe(false);
    const { state } = play(held, holding);
    expect(stepJob(holding, state, { type: "job_timed_out", attempt: 1, atMs: at(8) }).ok).toBe(false);
    expect(stepJob(holding, state, ends(2, 0, 8)).ok).toBe(false);
  });

  test("makes no attempt whose evidence would have no place", () => {
    const { state } = play(held.slice(0, -1), holding);
    if (state.status !== "running") throw new Error("The job does not run");
    const step = unwrap(stepJob(holding, { ...state, attempt: MAX_ATTEMPTS }, ends(2, 4, 7)));
    expect(step.state).not.toHaveProperty("paused");
  });
});
