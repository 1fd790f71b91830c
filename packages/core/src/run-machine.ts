import { carryOnCommands } from "./carry-on.ts";
import type { Emission, EventDraft, EventError, PhaseFields } from "./event.ts";
import type { EpochMs, JobId, RunIdentity } from "./ids.ts";
import { illegalInput, type IllegalInput } from "./illegal-input.ts";
import type { JobCommand, JobInput } from "./job-input.ts";
import type { JobResult, PhaseOutcome } from "./job-result.ts";
import type { JobSchedule, ScheduleDecision } from "./job-schedule.ts";
import { isPaused, PENDING, type JobState } from "./job-state.ts";
import { err, ok, type Result } from "./result.ts";
import type { BootstrapOutcome, JobReport, RunCommand, RunInput, StopCause } from "./run-input.ts";
import type { RunPlan } from "./run-plan.ts";
import { SIGNAL_EXIT_CODES, type RunResult } from "./run-result.ts";
import { stepJob, type JobContext } from "./step-job.ts";
import { unreachable } from "./unreachable.ts";
import { EVENT_SCHEMA_VERSION, PHASES, type PhaseCode, type PhaseStatus } from "./vocabulary.ts";

/** What one input did to a run. */
export interface RunStep {
  /** To be recorded, in this order, all at the moment of the input. */
  readonly emissions: readonly Emission[];
  /** To be carried out, in this order. */
  readonly commands: readonly RunCommand[];
}

/**
 * Where a run is.
 *
 * `idle` → `bootstrapping` → `executing` → `finalizing` → `finished`, each at
 * most once and none left out.
 */
export type RunStage = "idle" | "bootstrapping" | "executing" | "finalizing" | "finished";

/** What a machine needs to know of its run. */
export interface RunMachineOptions {
  readonly identity: RunIdentity;
  /** Makes the schedule of a plan; `createSchedule` of `@loom/scheduler`, or a stand-in. */
  readonly schedule: (plan: RunPlan) => JobSchedule;
}

/**
 * The lifecycle of one run: what each thing that happens means for the run, the
 * pipeline and its jobs.
 *
 * Deterministic and free of IO: the same inputs give the same emissions and
 * commands. It owns the table of jobs; a whole run costs O(jobs + needs) beside
 * its schedule, because no input looks at more than the jobs it decides.
 */
export class RunMachine {
  readonly #identity: RunIdentity;
  readonly #makeSchedule: (plan: RunPlan) => JobSchedule;
  #kept: RunPlan["kept"];
  readonly #jobs = new Map<JobId, { context: JobContext; state: JobState }>();
  readonly #failedJobIds: JobId[] = [];
  #stage: RunStage = "idle";
  #stop: StopCause | undefined;
  #bootstrapError: EventError | undefined;
  #firstFailure: (EventError & { readonly jobId: JobId }) | undefined;
  #finalizeError: EventError | undefined;
  /** Absent where nothing more is to start: before there is a plan, and once the run is to stop. */
  #schedule: JobSchedule | undefined;
  #concurrency = 1;
  #running = 0;
  #unsettled = 0;
  // Stryker disable next-line ObjectLiteral: each is set before it is read.
  #startedAtMs = { bootstrap: 0, execute: 0, finalize: 0 };
  readonly #emissions: Emission[] = [];
  readonly #commands: RunCommand[] = [];

  constructor(options: RunMachineOptions) {
    this.#identity = options.identity;
    this.#makeSchedule = options.schedule;
  }

  /** Where the run is. */
  get stage(): RunStage {
    return this.#stage;
  }

  /** The state of a job, or `undefined` when the run has no such job (yet). */
  jobState(jobId: JobId): JobState | undefined {
    return this.#jobs.get(jobId)?.state;
  }

  /** What carries on the step that a job is in the middle of ({@link carryOnCommands}). */
  carryOn(jobId: JobId, atMs: EpochMs): readonly JobCommand[] | undefined {
    const job = this.#jobs.get(jobId);
    return job && carryOnCommands(job.context.plan, job.state, atMs);
  }

  /** The jobs of the run in declaration order; empty before the bootstrap has ended. */
  jobIds(): JobId[] {
    return [...this.#jobs.keys()];
  }

  /** Whether a job waits for somebody to ask for it, and would run then. */
  canPlay(jobId: JobId): boolean {
    return this.#stage === "executing" && this.#schedule?.waits(jobId) === true;
  }

  /** Whether jobs may be held from now on: the run is under way, and is not to stop. */
  canEnablePauses(): boolean {
    return this.#stage === "executing" && this.#stop === undefined;
  }

  /** How the run ends, as far as it is known. Final from `finalizing` on, unless finalizing itself fails. */
  result(): RunResult {
    const failedJobIds = this.#failedJobIds;
    if (this.#stop?.kind === "interrupted") {
      return { status: "failure", exitCode: 1, error: INTERRUPTED, failedJobIds };
    }
    if (this.#stop?.kind === "signal") {
      const { signal } = this.#stop;
      const error: EventError = { code: "cancelled", message: `The run was cancelled by ${signal}` };
      return { status: "cancelled", exitCode: SIGNAL_EXIT_CODES[signal], error, failedJobIds };
    }
    const fault = this.#stop?.kind === "fault" ? this.#stop.error : undefined;
    const error = fault ?? this.#bootstrapError ?? this.#firstFailure ?? this.#finalizeError;
    if (error !== undefined) return { status: "failure", exitCode: 1, error, failedJobIds };
    return { status: "success", exitCode: 0, failedJobIds };
  }

  /**
   * Takes one thing that happened.
   *
   * @returns What to record and what to do, in order; or `CORE_ILLEGAL_INPUT`
   *   when the state does not allow the input, and then nothing has changed.
   */
  step(input: RunInput): Result<RunStep, IllegalInput> {
    const refusal = this.#take(input);
    const step = { emissions: this.#emissions.splice(0), commands: this.#commands.splice(0) };
    return refusal === undefined ? ok(step) : err(refusal);
  }

  #take(input: RunInput): IllegalInput | undefined {
    switch (input.type) {
      case "run_started":
        if (this.#stage !== "idle") return this.#refuse(input);
        return this.#start(input.atMs);
      case "bootstrap_finished":
        if (this.#stage !== "bootstrapping") return this.#refuse(input);
        return this.#finishBootstrap(input.outcome, input.atMs);
      case "stop_requested":
        if (this.#stage === "idle" || this.#stage === "finished") return this.#refuse(input);
        return this.#requestStop(input.cause, input.atMs);
      case "finalized":
        if (this.#stage !== "finalizing") return this.#refuse(input);
        return this.#finishFinalize(input.outcome, input.atMs);
      case "job_played":
        if (!this.canPlay(input.jobId)) return this.#refuse(input);
        this.#decide(this.#schedule?.play(input.jobId) ?? [], input.atMs);
        return this.#proceed(input.atMs);
      case "run_resumed":
        if (this.#stage !== "executing") return this.#refuse(input);
        this.#schedule?.resume?.();
        return this.#proceed(input.atMs);
      case "pauses_enabled": {
        if (!this.canEnablePauses()) return this.#refuse(input);
        const { timeoutMs: pauseTimeoutMs } = input;
        for (const job of this.#jobs.values()) job.context = { ...job.context, pauseTimeoutMs };
        return undefined;
      }
      case "job_timed_out":
      case "step_timed_out":
      case "job_stop_requested":
      case "job_resumed":
      case "section_started":
      case "section_finished":
      case "phase_finished":
      case "step_finished":
        if (this.#stage !== "executing") return this.#refuse(input);
        return this.#takeJobReport(input);
      default:
        return unreachable(input);
    }
  }

  #refuse(input: RunInput): IllegalInput {
    return illegalInput(`run ${this.#stage}`, input, "jobId" in input ? input.jobId : undefined);
  }

  #start(atMs: EpochMs): undefined {
    this.#stage = "bootstrapping";
    this.#startedAtMs.bootstrap = atMs;
    this.#emit("run", { event: "phase_start", ...this.#phaseFields("run.bootstrap") });
    this.#commands.push({ type: "bootstrap" });
  }

  #finishBootstrap(outcome: BootstrapOutcome, atMs: EpochMs): undefined {
    // Stryker disable next-line ConditionalExpression: what went well has no error.
    if (outcome.status === "failed") this.#bootstrapError = outcome.error;
    this.#finish("run.bootstrap", outcome.status, atMs - this.#startedAtMs.bootstrap, this.#bootstrapError);
    this.#stage = "executing";
    this.#startedAtMs.execute = atMs;
    this.#emit("run", { event: "phase_start", ...this.#phaseFields("run.pipeline_execute") });
    this.#emit("pipeline", { event: "phase_start", ...this.#phaseFields("pipeline.execute") });
    const plan = outcome.plan;
    const common = {
      identity: this.#identity,
      ...(plan?.pauseTimeoutMs !== undefined && { pauseTimeoutMs: plan.pauseTimeoutMs }),
    };
    for (const job of plan?.jobs ?? []) {
      this.#jobs.set(job.jobId, { context: { ...common, plan: job }, state: PENDING });
    }
    this.#unsettled = this.#jobs.size;
    if (outcome.status === "failed") {
      this.#closePending({ type: "job_skip", reason: "bootstrap_failed", blockedBy: [], atMs });
    } else if (this.#stop !== undefined) {
      this.#closePending({ type: "job_cancel", atMs });
    } else {
      this.#concurrency = outcome.plan.concurrency;
      this.#kept = outcome.plan.kept;
      this.#schedule = this.#makeSchedule(outcome.plan);
      this.#decide(this.#schedule.begin(), atMs);
    }
    this.#proceed(atMs);
  }

  #takeJobReport(input: JobReport): IllegalInput | undefined {
    const job = this.#jobs.get(input.jobId);
    if (job === undefined) return this.#refuse(input);
    const refusal = this.#moveJob(input.jobId, input);
    if (refusal !== undefined) return refusal;
    if (job.state.status === "settled") {
      this.#decide(this.#settled(input.jobId, job.state.result), input.atMs);
    }
    this.#proceed(input.atMs);
    return undefined;
  }

  #requestStop(cause: StopCause, atMs: EpochMs): undefined {
    // Once the pipeline has closed, its outcome stands.
    if (this.#stage === "finalizing" || (this.#stop !== undefined && cause.kind !== "interrupted")) return;
    this.#stop = cause;
    const schedule = this.#schedule;
    this.#schedule = undefined;
    if (this.#stage !== "executing") return;
    // Nobody asked for them, and a stop changes nothing about that.
    this.#decide(schedule?.close() ?? [], atMs);
    for (const [jobId, job] of this.#jobs) {
      if (job.state.status === "running")
        this.#mustMove(jobId, { type: "job_cancel", isAbandoned: cause.kind === "interrupted", atMs });
    }
    this.#closePending({ type: "job_cancel", atMs });
    this.#proceed(atMs);
  }

  #finishFinalize(outcome: PhaseOutcome, atMs: EpochMs): undefined {
    // Stryker disable next-line ConditionalExpression: what did not fail has no error.
    const error = outcome.status === "failed" ? outcome.error : undefined;
    this.#finalizeError = error;
    this.#finish("run.finalize", outcome.status, atMs - this.#startedAtMs.finalize, error);
    this.#stage = "finished";
  }

  /** Carries out decisions and all that follow from them, first come, first served. */
  #decide(decisions: readonly ScheduleDecision[], atMs: EpochMs): void {
    const open = [...decisions];
    for (const decision of open) {
      const { jobId } = decision;
      if (decision.kind === "ready") {
        this.#mustMove(jobId, { type: "job_ready" });
        continue;
      }
      const { reason, blockedBy } = decision;
      const keptFrom = this.#kept?.get(jobId);
      const why = { reason, blockedBy, ...(keptFrom !== undefined && { keptFrom }) };
      this.#mustMove(jobId, { type: "job_skip", ...why, atMs });
      for (const next of this.#settled(jobId, { status: "skipped", ...why })) open.push(next);
    }
  }

  #settled(jobId: JobId, result: JobResult): readonly ScheduleDecision[] {
    this.#unsettled -= 1;
    // Stryker disable next-line ConditionalExpression: only a failure can be blocking.
    if (result.status === "failed" && result.blocking) {
      this.#failedJobIds.push(jobId);
      this.#firstFailure ??= { ...result.error, jobId };
    }
    return this.#schedule?.settle(jobId, result) ?? [];
  }

  /** Closes every job that has not started. */
  #closePending(input: JobInput): void {
    for (const [jobId, job] of this.#jobs) {
      if (job.state.status !== "pending" && job.state.status !== "ready") continue;
      this.#mustMove(jobId, input);
      this.#unsettled -= 1;
    }
  }

  /** Starts what may start; ends the pipeline when nothing is left. */
  #proceed(atMs: EpochMs): undefined {
    while (this.#running < this.#concurrency) {
      const jobId = this.#schedule?.take();
      if (jobId === undefined) break;
      this.#mustMove(jobId, { type: "job_start", atMs });
    }
    const waiting = this.#schedule?.waiting ?? 0;
    // Nothing else is left that somebody could ask for them beside.
    if (waiting > 0 && waiting === this.#unsettled) this.#decide(this.#schedule?.close() ?? [], atMs);
    if (this.#unsettled > 0) return;
    const status = this.#pipelineStatus();
    const durationMs = atMs - this.#startedAtMs.execute;
    this.#finish("pipeline.execute", status, durationMs);
    this.#finish("run.pipeline_execute", status, durationMs);
    this.#stage = "finalizing";
    this.#startedAtMs.finalize = atMs;
    this.#emit("run", { event: "phase_start", ...this.#phaseFields("run.finalize") });
    this.#commands.push({ type: "finalize" });
  }

  #pipelineStatus(): PhaseStatus {
    if (this.#bootstrapError !== undefined) return "skipped";
    if (this.#stop?.kind === "signal") return "cancelled";
    return this.#stop !== undefined || this.#failedJobIds.length > 0 ? "failed" : "success";
  }

  /** Moves a job by an input of the machine's own, which its state allows, or the machine is wrong. */
  #mustMove(jobId: JobId, input: JobInput): void {
    const refusal = this.#moveJob(jobId, input);
    if (refusal !== undefined) throw new Error(refusal.message);
  }

  #moveJob(jobId: JobId, input: JobInput): IllegalInput | undefined {
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw new Error(`The schedule named job "${jobId}", which is not in the plan`);
    const moved = stepJob(job.context, job.state, input);
    if (!moved.ok) return moved.error;
    this.#running += slotsOf(moved.value.state) - slotsOf(job.state);
    job.state = moved.value.state;
    for (const emission of moved.value.emissions) this.#emissions.push(emission);
    for (const command of moved.value.commands) this.#commands.push(command);
    return undefined;
  }

  #finish(code: RunScopeCode, status: PhaseStatus, durationMs: number, error?: EventError): void {
    this.#emit(code === "pipeline.execute" ? "pipeline" : "run", {
      event: "phase_finish",
      ...this.#phaseFields(code),
      status,
      duration_ms: Math.max(0, durationMs),
      ...(error !== undefined && { error }),
    });
  }

  #phaseFields(code: RunScopeCode): PhaseFields {
    return {
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: this.#identity.runId,
      pipeline_id: this.#identity.pipelineId,
      scope: PHASES[code].scope,
      phase_code: code,
      phase_family: PHASES[code].family,
    };
  }

  #emit(kind: "run" | "pipeline", event: EventDraft): void {
    this.#emissions.push({ stream: { kind }, event });
  }
}

/** How many of the places for running jobs a job takes: one that is held leaves its own to another, and takes it back at once. */
function slotsOf(state: JobState): 0 | 1 {
  return state.status === "running" && !isPaused(state) ? 1 : 0;
}

/** Why a run ends that Loom did not live to close. Readers know it by its code. */
export const INTERRUPTED: EventError = {
  code: "interrupted",
  message: "The run was interrupted: loom ended before the run did",
};

type RunScopeCode = Extract<PhaseCode, `run.${string}` | "pipeline.execute">;
