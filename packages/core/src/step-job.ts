import type { Emission, EventError } from "./event.ts";
import type { RetryCause } from "./graph-ir.ts";
import type { EpochMs, RunIdentity } from "./ids.ts";
import { illegalInput, type IllegalInput } from "./illegal-input.ts";
import type { JobCommand, JobInput } from "./job-input.ts";
import { JobRecords } from "./job-records.ts";
import type { JobResult, PhaseOutcome, StepEnd } from "./job-result.ts";
import { describeJobState, type JobState, type RunningJob } from "./job-state.ts";
import type { JobPlan } from "./run-plan.ts";
import { err, ok, type Result } from "./result.ts";
import { exitCodeOf, processFields, stepError, stepStatus } from "./step-end.ts";
import { unreachable } from "./unreachable.ts";
import { JOB_PHASE_ORDER, SECTION_PHASES, type JobPhaseCode, type When } from "./vocabulary.ts";

/** What one input did to a job. */
export interface JobStep {
  readonly state: JobState;
  /** In the order in which they are to be recorded. */
  readonly emissions: readonly Emission[];
  /** In the order in which they are to be carried out. */
  readonly commands: readonly JobCommand[];
}

/** What never changes about a job during a run. */
export interface JobContext {
  readonly identity: RunIdentity;
  readonly plan: JobPlan;
}

/**
 * Moves one job forward by one input.
 *
 * Pure: the same context, state and input always give the same answer.
 *
 * @returns The next state, what to record and what to do, in order; or
 *   `CORE_ILLEGAL_INPUT` when the state does not allow the input. A job that
 *   has ended allows only `job_cancel`, which then changes nothing.
 */
export function stepJob(
  context: JobContext,
  state: JobState,
  input: JobInput,
): Result<JobStep, IllegalInput> {
  const draft = new JobDraft(context, state);
  switch (input.type) {
    case "job_ready":
      if (state.status !== "pending") break;
      return ok(draft.becomeReady());
    case "job_start":
      if (state.status !== "ready") break;
      return ok(draft.start(input.atMs));
    case "job_skip":
      if (state.status !== "pending" && state.status !== "ready") break;
      return ok(draft.closeUnrun({ status: "skipped", reason: input.reason, blockedBy: input.blockedBy }));
    case "job_cancel":
      if (state.status === "settled") return ok(draft.stay());
      if (state.status === "running") return ok(draft.cancel(state));
      return ok(draft.closeUnrun({ status: "cancelled" }));
    case "section_started":
      if (state.status !== "running" || state.section !== undefined) break;
      if (SECTION_PHASES[input.section] !== state.phase) break;
      return ok(draft.openSection(state, input));
    case "section_finished":
      if (state.status !== "running" || state.section?.name !== input.section) break;
      return ok(draft.closeSection(state, input));
    case "phase_finished":
      if (state.status !== "running" || state.phase !== input.phase) break;
      if (state.section !== undefined || input.phase === "job.execution") break;
      return ok(draft.finishPhase(state, input));
    case "step_finished":
      if (state.status !== "running" || state.step?.number !== input.step) break;
      if (input.end.kind === "cancelled" && !state.cancelling) break;
      return ok(draft.finishStep(state, input));
    default:
      return unreachable(input);
  }
  return err(
    illegalInput(`job "${context.plan.jobId}": ${describeJobState(state)}`, describeJobInput(input)),
  );
}

function describeJobInput(input: JobInput): string {
  switch (input.type) {
    case "section_started":
    case "section_finished":
      return `${input.type} (${input.section})`;
    case "phase_finished":
      return `${input.type} (${input.phase})`;
    case "step_finished":
      return `${input.type} (step ${input.step} ${input.end.kind})`;
    case "job_ready":
    case "job_start":
    case "job_skip":
    case "job_cancel":
      return input.type;
    default:
      return unreachable(input);
  }
}

/** Collects what one input does. Lives for one call of `stepJob`. */
class JobDraft {
  readonly #context: JobContext;
  readonly #before: JobState;
  readonly #records: JobRecords;
  readonly #commands: JobCommand[] = [];

  constructor(context: JobContext, before: JobState) {
    this.#context = context;
    this.#before = before;
    this.#records = new JobRecords(context.identity, context.plan.jobId);
  }

  stay(): JobStep {
    return this.#done(this.#before);
  }

  becomeReady(): JobStep {
    this.#records.jobState("pending", "ready");
    return this.#done({ status: "ready" });
  }

  start(atMs: EpochMs): JobStep {
    this.#records.jobState("ready", "running");
    return this.#done(this.#beginAttempt(1, atMs));
  }

  /** A job that never started is closed all the same: its cleanup is its whole lifecycle. */
  closeUnrun(result: JobResult & { readonly status: "skipped" | "cancelled" }): JobStep {
    this.#records.phaseStart("job.cleanup", 1);
    this.#records.phaseFinish("job.cleanup", 1, { status: "success", duration_ms: 0 });
    return this.#settle(result, 0);
  }

  cancel(state: RunningJob): JobStep {
    if (state.cancelling || state.phase === "job.cleanup") return this.#done(state);
    this.#commands.push({ type: "cancel_job", jobId: this.#context.plan.jobId });
    return this.#done({ ...state, cancelling: true });
  }

  openSection(state: RunningJob, input: JobInput & { type: "section_started" }): JobStep {
    this.#records.sectionStart(input.section, state.attempt);
    return this.#done({ ...state, section: { name: input.section, startedAtMs: input.atMs } });
  }

  closeSection(state: RunningJob, input: JobInput & { type: "section_finished" }): JobStep {
    this.#records.sectionFinish(input.section, state.attempt, {
      status: input.outcome.status,
      duration_ms: elapsed(state.section?.startedAtMs ?? input.atMs, input.atMs),
      ...(input.outcome.status === "failed" && { error: input.outcome.error }),
    });
    const { section: _closed, ...rest } = state;
    return this.#done(rest);
  }

  finishPhase(state: RunningJob, input: JobInput & { type: "phase_finished" }): JobStep {
    this.#records.phaseFinish(input.phase, state.attempt, {
      status: input.outcome.status,
      duration_ms: elapsed(state.phaseStartedAtMs, input.atMs),
      ...(input.outcome.status === "failed" && { error: input.outcome.error }),
    });
    switch (input.phase) {
      case "job.provider_prepare":
      case "job.cache_restore":
      case "job.artifact_restore":
        return this.#done(this.#afterSetUp(state, input.outcome, input.atMs));
      case "job.artifact_save":
      case "job.cache_save":
        return this.#done(this.#afterSave(state, input.outcome, input.atMs));
      case "job.cleanup":
        return this.#settle(verdictOf(state), state.attempt);
      case "job.execution":
        throw new Error("job.execution ends with its last step, never by itself");
      default:
        return unreachable(input.phase);
    }
  }

  finishStep(state: RunningJob, input: JobInput & { type: "step_finished" }): JobStep {
    const { plan } = this.#context;
    const startedAtMs = state.step?.startedAtMs ?? input.atMs;
    const error = stepError(input.step, input.end);
    const status = stepStatus(input.end);
    this.#records.stepFinish(input.step, state.attempt, {
      status,
      duration_ms: elapsed(startedAtMs, input.atMs),
      ...processFields(input.end),
      ...(error !== undefined && { error }),
    });
    if (status === "success" && !state.cancelling && input.step < plan.stepCount) {
      return this.#done(this.#beginStep(state, input.step + 1, input.atMs));
    }
    const verdict = this.#executionVerdict(state, input.end, error);
    const { step: _ended, ...rest } = state;
    const after: RunningJob = { ...rest, verdict };
    this.#records.phaseFinish("job.execution", state.attempt, {
      status: verdict.status,
      duration_ms: elapsed(state.phaseStartedAtMs, input.atMs),
      ...(verdict.status === "failed" && { ...processFields(input.end), error: verdict.error }),
    });
    return this.#done(this.#nextPhase(after, "job.execution", input.atMs));
  }

  /** A step that got to its own end before the cancel reached it still ends the job as cancelled: steps were left. */
  #executionVerdict(state: RunningJob, end: StepEnd, error: EventError | undefined): JobResult {
    const lastStep = state.step?.number === this.#context.plan.stepCount;
    if (end.kind === "cancelled") return { status: "cancelled" };
    if (error === undefined)
      return state.cancelling && !lastStep ? { status: "cancelled" } : { status: "success" };
    if (state.cancelling) return { status: "cancelled" };
    return this.#failure(end.kind === "timed_out" ? "timeout" : "failure", error, exitCodeOf(end));
  }

  #afterSetUp(state: RunningJob, outcome: PhaseOutcome, atMs: EpochMs): RunningJob {
    if (outcome.status === "failed" && !state.cancelling) {
      const verdict = this.#failure(causeOf(outcome), outcome.error);
      return this.#leaveOutExecution({ ...state, verdict }, atMs);
    }
    if (outcome.status === "cancelled" || state.cancelling) {
      return this.#leaveOutExecution({ ...state, verdict: { status: "cancelled" } }, atMs);
    }
    return this.#nextPhase(state, state.phase, atMs);
  }

  #afterSave(state: RunningJob, outcome: PhaseOutcome, atMs: EpochMs): RunningJob {
    const broken = outcome.status === "failed" && state.verdict?.status === "success";
    const next = broken ? { ...state, verdict: this.#failure(causeOf(outcome), outcome.error) } : state;
    return this.#nextPhase(next, state.phase, atMs);
  }

  /** `job.execution` belongs to every job that started: without set-up it is there, and skipped or cancelled. */
  #leaveOutExecution(state: RunningJob, atMs: EpochMs): RunningJob {
    this.#records.phaseStart("job.execution", state.attempt);
    this.#records.phaseFinish("job.execution", state.attempt, {
      status: state.verdict?.status === "cancelled" ? "cancelled" : "skipped",
      duration_ms: 0,
    });
    return this.#closeAttempt(state, atMs);
  }

  #nextPhase(state: RunningJob, after: JobPhaseCode, atMs: EpochMs): RunningJob {
    for (const phase of JOB_PHASE_ORDER.slice(JOB_PHASE_ORDER.indexOf(after) + 1)) {
      if (phase === "job.cleanup") break;
      if (this.#takesPlace(phase, state)) return this.#beginPhase(state, phase, atMs);
    }
    return this.#closeAttempt(state, atMs);
  }

  #takesPlace(phase: JobPhaseCode, state: RunningJob): boolean {
    const { plan } = this.#context;
    switch (phase) {
      case "job.provider_prepare":
      case "job.execution":
      case "job.cleanup":
        return true;
      case "job.cache_restore":
        return plan.restoresCache;
      case "job.artifact_restore":
        return plan.restoresArtifacts;
      case "job.artifact_save":
        return holdsAfter(plan.savesArtifacts, verdictOf(state));
      case "job.cache_save":
        return holdsAfter(plan.savesCache, verdictOf(state));
      default:
        return unreachable(phase);
    }
  }

  #closeAttempt(state: RunningJob, atMs: EpochMs): RunningJob {
    const { plan } = this.#context;
    const verdict = verdictOf(state);
    const again =
      verdict.status === "failed" &&
      !state.cancelling &&
      state.attempt <= plan.retry.max &&
      plan.retry.on.includes(verdict.cause);
    return again ? this.#beginAttempt(state.attempt + 1, atMs) : this.#beginPhase(state, "job.cleanup", atMs);
  }

  #beginAttempt(attempt: number, atMs: EpochMs): RunningJob {
    const fresh: RunningJob = {
      status: "running",
      attempt,
      phase: "job.provider_prepare",
      phaseStartedAtMs: atMs,
      cancelling: false,
    };
    return this.#beginPhase(fresh, "job.provider_prepare", atMs);
  }

  #beginPhase(state: RunningJob, phase: JobPhaseCode, atMs: EpochMs): RunningJob {
    const { jobId } = this.#context.plan;
    const { attempt } = state;
    this.#records.phaseStart(phase, attempt);
    const next: RunningJob = { ...state, phase, phaseStartedAtMs: atMs };
    if (phase === "job.execution") return this.#beginStep(next, 1, atMs);
    if (phase === "job.provider_prepare") this.#commands.push({ type: "start_job", jobId, attempt });
    else if (phase === "job.cleanup") this.#commands.push({ type: "clean_up_job", jobId });
    else this.#commands.push({ type: "run_phase", jobId, attempt, phase, ...verdictFor(phase, state) });
    return next;
  }

  #beginStep(state: RunningJob, step: number, atMs: EpochMs): RunningJob {
    this.#records.stepStart(step, state.attempt);
    this.#commands.push({ type: "run_step", jobId: this.#context.plan.jobId, attempt: state.attempt, step });
    return { ...state, step: { number: step, startedAtMs: atMs } };
  }

  #settle(result: JobResult, attempts: number): JobStep {
    const from = this.#before.status === "settled" ? result.status : this.#before.status;
    this.#records.jobState(from, result.status, {
      ...(result.status === "failed" && { reason: result.error.code }),
      ...(result.status === "skipped" && { reason: result.reason }),
      ...(result.status === "skipped" && result.blockedBy.length > 0 && { blocked_by: result.blockedBy }),
    });
    return this.#done({ status: "settled", result, attempts });
  }

  #failure(cause: RetryCause, error: EventError, exitCode?: number): JobResult {
    return {
      status: "failed",
      blocking: !this.#context.plan.allowFailure,
      cause,
      error,
      ...(exitCode !== undefined && { exitCode }),
    };
  }

  #done(state: JobState): JobStep {
    return { state, emissions: this.#records.emissions, commands: this.#commands };
  }
}

/** What a job that failed outside its steps may be run again for. */
function causeOf(outcome: PhaseOutcome & { readonly status: "failed" }): RetryCause {
  return outcome.timedOut === true ? "timeout" : "provider";
}

function verdictOf(state: RunningJob): JobResult {
  return state.verdict ?? { status: "cancelled" };
}

/** What a phase that saves something is told of the attempt; others come before there is a verdict. */
function verdictFor(phase: JobPhaseCode, state: RunningJob): { readonly verdict?: "success" | "failed" } {
  if (phase !== "job.artifact_save" && phase !== "job.cache_save") return {};
  return { verdict: verdictOf(state).status === "success" ? "success" : "failed" };
}

function holdsAfter(when: When | undefined, verdict: JobResult): boolean {
  if (when === undefined) return false;
  if (verdict.status === "cancelled" || verdict.status === "skipped") return false;
  if (when === "always") return true;
  return (when === "on_success") === (verdict.status === "success");
}

function elapsed(fromMs: EpochMs, toMs: EpochMs): number {
  return Math.max(0, toMs - fromMs);
}
