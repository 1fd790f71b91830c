import { describe, expect, test } from "vitest";
import { errorCode } from "./error-code.ts";
import { naiveSchedule } from "../test/naive-schedule.ts";
import { epochMs, jobId, runIdentity, type JobId } from "./ids.ts";
import type { JobResult } from "./job-result.ts";
import type { JobSchedule } from "./job-schedule.ts";
import { RunMachine } from "./run-machine.ts";
import type { RunInput, StopCause } from "./run-input.ts";
import type { JobPlan, RunPlan } from "./run-plan.ts";

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
  const error = {
    code: errorCode("evidence_unwritable"),
    message: 'Cannot write "summary.json": no space left',
  };
  const machine = machineAfter(start, noJobs, {
    type: "finalized",
    outcome: { status: "failed", error },
    atMs,
  });
  expect(machine.result()).toEqual({ status: "failure", exitCode: 1, error, failedJobIds: [] });
});

const at = (ms: number) => epochMs(ms);
const noWorkspace = { code: errorCode("no_workspace"), message: "There is no workspace" };
const diskFull = { code: errorCode("evidence_unwritable"), message: "The disk is full" };

function job(name: string, more: Partial<JobPlan> = {}): JobPlan {
  return {
    jobId: jobId(name),
    stage: "main",
    needs: [],
    when: "on_success",
    allowFailure: false,
    stepCount: 1,
    retry: { max: 0, on: [] },
    restoresCache: false,
    restoresArtifacts: false,
    ...more,
  };
}

function planOf(jobs: readonly JobPlan[], concurrency = 1): RunPlan {
  return { stages: ["main"], jobs, concurrency, failFast: false };
}

function bootstrapped(...jobs: JobPlan[]): RunInput {
  return { type: "bootstrap_finished", outcome: { status: "success", plan: planOf(jobs) }, atMs: at(2) };
}

function stop(cause: StopCause, ms = 3): RunInput {
  return { type: "stop_requested", cause, atMs: at(ms) };
}

const SIGINT: StopCause = { kind: "signal", signal: "SIGINT" };

/** All that a job does when its one step exits so. */
function doneWith(name: string, exitCode: number, ms = 4): RunInput[] {
  const about = { jobId: jobId(name), atMs: at(ms) };
  const outcome = { status: "success" } as const;
  return [
    { type: "phase_finished", ...about, phase: "job.provider_prepare", outcome },
    { type: "step_finished", ...about, step: 1, end: { kind: "exited", exitCode } },
    { type: "phase_finished", ...about, phase: "job.cleanup", outcome },
  ];
}

/** What the last input is answered with. */
function answerTo(...inputs: RunInput[]) {
  const step = machineAfter(...inputs.slice(0, -1)).step(inputs.at(-1) as RunInput);
  if (!step.ok) throw new Error(step.error.message);
  return step.value;
}

/** What happens to jobs and phases of the run, one line each. */
function toldBy(...inputs: RunInput[]): string[] {
  return answerTo(...inputs).emissions.flatMap(({ stream, event }) => {
    if (event.event === "job_state") return [`${event.job_id}: ${event.from} -> ${event.to}`];
    if (stream.kind !== "run" && stream.kind !== "pipeline") return [];
    const end = event.event === "phase_finish" ? `${event.status} ${event.duration_ms} ms` : "begins";
    return [`${stream.kind}: ${event.phase_code} ${end}`];
  });
}

describe("step() over a whole run", () => {
  const inputs = [start, bootstrapped(job("build")), ...doneWith("build", 0)];
  const last: RunInput = { type: "finalized", outcome: { status: "success" }, atMs: at(9) };

  test("asks for the bootstrap first", () => {
    expect(answerTo(start)).toEqual({
      emissions: [
        {
          stream: { kind: "run" },
          event: {
            event: "phase_start",
            schema_version: "loom.runtime.logs.v2",
            run_id: "loom-run-local-1",
            pipeline_id: "loom-local-1",
            scope: "run",
            phase_code: "run.bootstrap",
            phase_family: "bootstrap",
          },
        },
      ],
      commands: [{ type: "bootstrap" }],
    });
  });

  test("opens the pipeline and starts what may start", () => {
    expect(toldBy(...inputs.slice(0, 2))).toEqual([
      "run: run.bootstrap success 2 ms",
      "run: run.pipeline_execute begins",
      "pipeline: pipeline.execute begins",
      "build: pending -> ready",
      "build: ready -> running",
    ]);
    expect(answerTo(...inputs.slice(0, 2)).commands).toEqual([
      { type: "start_job", jobId: "build", attempt: 1 },
    ]);
  });

  test("closes the pipeline with its last job, and asks for the final documents", () => {
    expect(toldBy(...inputs)).toEqual([
      "build: running -> success",
      "pipeline: pipeline.execute success 2 ms",
      "run: run.pipeline_execute success 2 ms",
      "run: run.finalize begins",
    ]);
    expect(answerTo(...inputs).commands).toEqual([{ type: "finalize" }]);
    expect(answerTo(...inputs, last).emissions).toMatchObject([
      {
        stream: { kind: "run" },
        event: { event: "phase_finish", phase_code: "run.finalize", status: "success", duration_ms: 5 },
      },
    ]);
  });

  test("gives no duration below zero where the clock was set back", () => {
    const back = { ...start, atMs: at(7) } as RunInput;
    expect(toldBy(back, bootstrapped())[0]).toBe("run: run.bootstrap success 0 ms");
  });

  test("names no error in what succeeded, and the error in what failed", () => {
    const failed: RunInput = { ...last, outcome: { status: "failed", error: diskFull } } as RunInput;
    expect(answerTo(...inputs, failed).emissions[0]?.event).toMatchObject({
      status: "failed",
      error: diskFull,
    });
    expect(answerTo(...inputs, last).emissions[0]?.event).not.toHaveProperty("error");
  });

  test("starts the next job as soon as one has ended, and no more than may run", () => {
    const jobs = [job("a"), job("b"), job("c")];
    const outcome = { status: "success", plan: planOf(jobs, 2) } as const;
    const begun: RunInput[] = [start, { type: "bootstrap_finished", outcome, atMs }];
    expect(answerTo(...begun).commands).toMatchObject([
      { type: "start_job", jobId: "a" },
      { type: "start_job", jobId: "b" },
    ]);
    expect(answerTo(...begun, ...doneWith("b", 0)).commands).toMatchObject([
      { type: "start_job", jobId: "c" },
    ]);
  });

  test("skips a job whose need was skipped for a failure, in the same step", () => {
    const chain = [job("a"), job("b", { needs: [jobId("a")] }), job("c", { needs: [jobId("b")] })];
    expect(toldBy(start, bootstrapped(...chain), ...doneWith("a", 1)).slice(0, 3)).toEqual([
      "a: running -> failed",
      "b: pending -> skipped",
      "c: pending -> skipped",
    ]);
  });

  describe("jobs that wait for somebody to ask for them", () => {
    /** A schedule in which `b` waits. */
    const schedule = (plan: RunPlan): JobSchedule => {
      let waiting = true;
      const ready: JobId[] = [jobId("a")];
      return {
        ...naiveSchedule(plan),
        begin: () => [{ kind: "ready", jobId: jobId("a") }],
        settle: () => [],
        take: () => ready.shift(),
        get waiting() {
          return waiting ? 1 : 0;
        },
        waits: (id) => waiting && id === "b",
        play: (id) => {
          waiting = false;
          ready.push(id);
          return [{ kind: "ready", jobId: id }];
        },
        close: () => {
          if (!waiting) return [];
          waiting = false;
          return [{ kind: "skip", jobId: jobId("b"), reason: "manual", blockedBy: [] }];
        },
      };
    };
    const begun = () => {
      const machine = new RunMachine({ identity, schedule });
      const moves = (input: RunInput): string[] => {
        const step = machine.step(input);
        if (!step.ok) return [step.error.message];
        return step.value.emissions.flatMap(({ event }) =>
          event.event === "job_state" ? [`${event.job_id}: ${event.from} -> ${event.to}`] : [],
        );
      };
      moves(start);
      moves(bootstrapped(job("a"), job("b")));
      return { machine, moves };
    };
    const played: RunInput = { type: "job_played", jobId: jobId("b"), atMs };

    test("are skipped when nothing else is left, and the pipeline ends", () => {
      const { machine, moves } = begun();
      expect(doneWith("a", 0).flatMap(moves)).toEqual(["a: running -> success", "b: pending -> skipped"]);
      expect(machine.stage).toBe("finalizing");
      expect(machine.canPlay(jobId("b"))).toBe(false);
    });

    test("run when somebody asks for them, once", () => {
      const { machine, moves } = begun();
      expect(machine.canPlay(jobId("b"))).toBe(true);
      expect(moves(played)).toEqual(["b: pending -> ready"]);
      expect(machine.canPlay(jobId("b"))).toBe(false);
      expect(moves(played)).toEqual([expect.stringContaining("job_played") as string]);
      expect(doneWith("a", 0).flatMap(moves)).toEqual(["a: running -> success", "b: ready -> running"]);
      expect(machine.stage).toBe("executing");
    });

    test("are skipped, not cancelled, when the run is stopped", () => {
      const { machine, moves } = begun();
      const cause = { kind: "signal", signal: "SIGTERM" } as const;
      expect(moves({ type: "stop_requested", cause, atMs })).toEqual(["b: pending -> skipped"]);
      expect(machine.canPlay(jobId("b"))).toBe(false);
    });
  });

  test("says of a skip whose result is kept which run that is from, to the records and to the schedule", () => {
    const skip = (name: string) =>
      ({ kind: "skip", jobId: jobId(name), reason: "not_selected", blockedBy: [] }) as const;
    const settled: unknown[] = [];
    const schedule = (plan: RunPlan): JobSchedule => ({
      ...naiveSchedule(plan),
      begin: () => [skip("a"), skip("b")],
      settle: (id, result) => {
        settled.push([id, result]);
        return [];
      },
    });
    const machine = new RunMachine({ identity, schedule });
    const kept = new Map([[jobId("a"), identity.runId]]);
    const plan: RunPlan = { ...planOf([job("a"), job("b")]), kept };
    machine.step(start);
    const step = machine.step({ type: "bootstrap_finished", outcome: { status: "success", plan }, atMs });
    const moves = step.ok && step.value.emissions.flatMap(({ event }) => ("to" in event ? [event] : []));
    const moved = { event: "job_state", from: "pending", to: "skipped", reason: "not_selected" };
    expect(moves).toStrictEqual([
      { ...moved, job_id: "a", kept_from: identity.runId },
      { ...moved, job_id: "b" },
    ]);
    const result = { status: "skipped", reason: "not_selected", blockedBy: [] };
    expect(settled).toStrictEqual([
      ["a", { ...result, keptFrom: identity.runId }],
      ["b", result],
    ]);
  });

  test("knows its jobs in declaration order once the bootstrap has ended", () => {
    expect(machineAfter(start).jobIds()).toEqual([]);
    const machine = machineAfter(start, bootstrapped(job("b"), job("a")));
    expect(machine.jobIds()).toEqual(["b", "a"]);
    expect(machine.jobState(jobId("a"))).toEqual({ status: "ready" });
    expect(machine.jobState(jobId("c"))).toBeUndefined();
  });
});

describe("step() after a bootstrap that failed", () => {
  const failedWith = (plan?: RunPlan): RunInput => ({
    type: "bootstrap_finished",
    outcome: { status: "failed", error: noWorkspace, ...(plan !== undefined && { plan }) },
    atMs: at(2),
  });

  test("skips every job and the pipeline, and fails for the bootstrap", () => {
    const inputs = [start, failedWith(planOf([job("a"), job("b", { needs: [jobId("a")] })]))];
    expect(toldBy(...inputs)).toEqual([
      "run: run.bootstrap failed 2 ms",
      "run: run.pipeline_execute begins",
      "pipeline: pipeline.execute begins",
      "a: pending -> skipped",
      "b: pending -> skipped",
      "pipeline: pipeline.execute skipped 0 ms",
      "run: run.pipeline_execute skipped 0 ms",
      "run: run.finalize begins",
    ]);
    const result: JobResult = { status: "skipped", reason: "bootstrap_failed", blockedBy: [] };
    expect(machineAfter(...inputs).jobState(jobId("b"))).toMatchObject({ result });
    expect(answerTo(...inputs).emissions[0]?.event).toMatchObject({ error: noWorkspace });
    expect(machineAfter(...inputs).result()).toEqual({
      status: "failure",
      exitCode: 1,
      error: noWorkspace,
      failedJobIds: [],
    });
  });

  test("gets along without knowing the jobs", () => {
    const machine = machineAfter(start, failedWith());
    expect(machine.stage).toBe("finalizing");
    expect(machine.jobIds()).toEqual([]);
  });
});

describe("step() when the run is asked to stop", () => {
  /** What a job does that is stopped while it is set up. */
  const stopped = doneWith("a", 0).filter(({ type }) => type !== "step_finished");
  const running = [start, bootstrapped(job("a"), job("b"), job("c", { needs: [jobId("a")] }))];

  test("cancels what waits at once, and asks what runs to stop", () => {
    const { commands } = answerTo(...running, stop(SIGINT));
    expect(commands).toEqual([{ type: "cancel_job", jobId: "a", attempt: 1, cause: "cancel" }]);
    expect(toldBy(...running, stop(SIGINT))).toEqual(["b: ready -> cancelled", "c: pending -> cancelled"]);
  });

  test("closes the pipeline as cancelled when the last job has stopped", () => {
    expect(toldBy(...running, stop(SIGINT), ...stopped)).toEqual([
      "a: running -> cancelled",
      "pipeline: pipeline.execute cancelled 2 ms",
      "run: run.pipeline_execute cancelled 2 ms",
      "run: run.finalize begins",
    ]);
  });

  test("starts nothing when it was asked before the bootstrap ended", () => {
    const early = [start, stop(SIGINT), bootstrapped(job("a"))];
    expect(toldBy(...early).slice(3, 5)).toEqual([
      "a: pending -> cancelled",
      "pipeline: pipeline.execute cancelled 0 ms",
    ]);
    expect(toldBy(start, stop(SIGINT))).toEqual([]);
  });

  test("keeps the first cause, unless the run was interrupted", () => {
    const twice = machineAfter(...running, stop(SIGINT), stop({ kind: "fault", error: diskFull }));
    expect(twice.result()).toEqual({
      status: "cancelled",
      exitCode: 130,
      error: { code: "cancelled", message: "The run was cancelled by SIGINT" },
      failedJobIds: [],
    });
    const interrupted = machineAfter(...running, stop(SIGINT), stop({ kind: "interrupted" }));
    expect(interrupted.result()).toEqual({
      status: "failure",
      exitCode: 1,
      error: { code: "interrupted", message: "The run was interrupted: loom ended before the run did" },
      failedJobIds: [],
    });
  });

  test("fails for a fault, and the pipeline with it", () => {
    const inputs = [...running, stop({ kind: "fault", error: diskFull }), ...stopped];
    expect(machineAfter(...inputs).result()).toMatchObject({
      status: "failure",
      exitCode: 1,
      error: diskFull,
    });
    expect(toldBy(...inputs)).toContain("pipeline: pipeline.execute failed 2 ms");
  });

  test("changes nothing once the pipeline has closed, and is refused before the start and after the end", () => {
    const closed = machineAfter(start, noJobs, stop(SIGINT), stop({ kind: "interrupted" }));
    expect(closed.result().status).toBe("success");
    const over = machineAfter(start, noJobs, { type: "finalized", outcome: { status: "success" }, atMs });
    expect(over.step(stop(SIGINT))).toMatchObject({ ok: false, error: { state: "run finished" } });
    expect(machineAfter().step(stop(SIGINT))).toMatchObject({ ok: false, error: { state: "run idle" } });
  });
});

describe("result()", () => {
  test("names the first failure with its job, and all that failed and are not tolerated", () => {
    const machine = machineAfter(
      start,
      bootstrapped(job("a", { allowFailure: true }), job("b"), job("c")),
      ...doneWith("a", 1),
      ...doneWith("b", 2),
      ...doneWith("c", 3),
    );
    expect(machine.result()).toEqual({
      status: "failure",
      exitCode: 1,
      error: { code: "exit_code", message: "Step 1 exited with code 2", jobId: "b" },
      failedJobIds: ["b", "c"],
    });
  });

  test("is a failure of the pipeline when a job failed", () => {
    expect(toldBy(start, bootstrapped(job("a")), ...doneWith("a", 1))).toContain(
      "run: run.pipeline_execute failed 2 ms",
    );
  });

  test("blames the jobs rather than the final documents", () => {
    const machine = machineAfter(start, bootstrapped(job("a")), ...doneWith("a", 1), {
      type: "finalized",
      outcome: { status: "failed", error: diskFull },
      atMs,
    });
    expect(machine.result().error).toMatchObject({ code: "exit_code" });
  });

  test("reports 129 after SIGHUP", () => {
    expect(machineAfter(start, stop({ kind: "signal", signal: "SIGHUP" })).result()).toMatchObject({
      exitCode: 129,
    });
  });
});

describe("step() refuses", () => {
  const report = doneWith("a", 0)[0] as RunInput;

  test.each<[string, RunInput[], RunInput, string, string]>([
    ["a second start", [start], start, "run bootstrapping", "run_started"],
    ["a bootstrap before the start", [], noJobs, "run idle", "bootstrap_finished"],
    [
      "the end of a run that still executes",
      [start, bootstrapped(job("a"))],
      { type: "finalized", outcome: { status: "success" }, atMs },
      "run executing",
      "finalized",
    ],
    [
      "a job's report before there are jobs",
      [start],
      report,
      "run bootstrapping",
      'phase_finished (job "a", job.provider_prepare)',
    ],
    [
      "the end of a step before anything",
      [],
      { type: "step_finished", jobId: jobId("a"), step: 3, end: { kind: "exited", exitCode: 0 }, atMs },
      "run idle",
      'step_finished (job "a", step 3 exited)',
    ],
    [
      "the report of an unknown job",
      [start, bootstrapped(job("b"))],
      report,
      "run executing",
      'phase_finished (job "a", job.provider_prepare)',
    ],
    [
      "a job's report once the pipeline has closed",
      [start, bootstrapped(job("a")), ...doneWith("a", 0)],
      report,
      "run finalizing",
      'phase_finished (job "a", job.provider_prepare)',
    ],
    [
      "a report that does not fit the job",
      [start, bootstrapped(job("a")), report],
      report,
      'job "a": running job.execution, step 1',
      "phase_finished (job.provider_prepare)",
    ],
  ])("%s", (_, before, input, state, described) => {
    const machine = machineAfter(...before);
    const { stage } = machine;
    expect(machine.step(input)).toEqual({
      ok: false,
      error: {
        code: "CORE_ILLEGAL_INPUT",
        message: `Cannot take input ${described} in state ${state}`,
        state,
        input: described,
      },
    });
    expect(machine.stage).toBe(stage);
  });

  test("a schedule that names a job which is not in the plan, or one that may not start", () => {
    const naming = (decision: ReturnType<JobSchedule["begin"]>[number]) => () => {
      const schedule = (plan: RunPlan): JobSchedule => ({ ...naiveSchedule(plan), begin: () => [decision] });
      const machine = new RunMachine({ identity, schedule });
      machine.step(start);
      machine.step(bootstrapped(job("a")));
    };
    expect(naming({ kind: "ready", jobId: jobId("z") })).toThrow(
      new Error('The schedule named job "z", which is not in the plan'),
    );
    const twice = (plan: RunPlan): JobSchedule => ({
      ...naiveSchedule(plan),
      begin: () => [
        { kind: "ready", jobId: jobId("a") },
        { kind: "ready", jobId: jobId("a") },
      ],
    });
    const machine = new RunMachine({ identity, schedule: twice });
    machine.step(start);
    expect(() => machine.step(bootstrapped(job("a")))).toThrow(
      new Error('Cannot take input job_ready in state job "a": ready'),
    );
  });
});
