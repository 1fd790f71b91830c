import type { Emission, EventError } from "./event.ts";
import { tolerates, type GraphRetry, type RetryCause } from "./graph-ir.ts";
import type { EpochMs, RunId, RunIdentity } from "./ids.ts";
import { illegalInput, type IllegalInput } from "./illegal-input.ts";
import type { JobCommand, JobInput } from "./job-input.ts";
import { JobRecords } from "./job-records.ts";
import type { JobResult, PhaseOutcome, StepEnd } from "./job-result.ts";
import {
  describeJobState,
  isPaused,
  isTimedOut,
  jobStatus,
  type AttemptStop,
  type CleaningUpJob,
  type DecidedExecution,
  type ExecutingJob,
  type JobState,
  type OpenSection,
  type PausedJob,
  type RunningJob,
  type SavingJob,
  type SettingUpJob,
  type StepUnderWay,
  type Verdict,
} from "./job-state.ts";
import { stepLimitError, stopError } from "./stop-error.ts";
import type { JobPlan } from "./run-plan.ts";
import { err, ok, type Result } from "./result.ts";
import {
  afterStepEndOf,
  exitCodeOf,
  isWorkerLost,
  processFields,
  stepEndOf,
  stepError,
  stepStatus,
} from "./step-end.ts";
import { unreachable } from "./unreachable.ts";
import {
  SAVE_PHASES,
  SECTION_PHASES,
  SET_UP_PHASES,
  type JobPhaseCode,
  type SavePhaseCode,
  type SectionName,
  type SetUpPhaseCode,
  type SystemPhaseCode,
  type When,
} from "./vocabulary.ts";

/** The phases before the steps that only some jobs have; the provider's own comes first, in every job. */
const [, ...RESTORE_PHASES] = SET_UP_PHASES;

/** What one input did to a job. */
export interface JobStep {
  readonly state: JobState;
  /** In the order in which to record them. */
  readonly emissions: readonly Emission[];
  /** In the order in which to carry them out. */
  readonly commands: readonly JobCommand[];
}

/** What never changes about a job during a run. */
export interface JobContext {
  readonly identity: RunIdentity;
  readonly plan: JobPlan;
  /**
   * How long a job is held after a step that failed, in milliseconds, above 0, before it fails. Absent: it fails at once.
   */
  readonly pauseTimeoutMs?: number;
}

/** More attempts than this a job does not make: their evidence has no place. */
export const MAX_ATTEMPTS = 100;

/** How often a job is tried again that lost its worker, unless its `retry` names that cause: then its `max` counts. */
export const LOST_WORKER_RETRIES = 2;

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
      return ok(draft.closeUnrun(skipResult(input)));
    case "job_cancel":
      if (state.status === "settled") return ok(draft.stay());
      if (state.status === "running") return ok(draft.cancel(state, input));
      return ok(draft.closeUnrun({ status: "cancelled" }));
    case "job_timed_out":
      if (context.plan.timeoutMs === undefined) break;
      // Stryker disable next-line ConditionalExpression: a job that does not run is in no attempt either.
      if (state.status !== "running") break;
      if (state.phase === "job.cleanup" || isPaused(state) || state.attempt !== input.attempt) break;
      if (isTimedOut(state.stop) || isRequested(state.stop)) break;
      return ok(draft.timeOut(state));
    case "step_timed_out":
      if (context.plan.stepTimeoutsMs?.has(input.step) !== true) break;
      if (!("step" in state) || state.step.number !== input.step || state.attempt !== input.attempt) break;
      if (state.step.isOverdue === true || (state.decided === undefined && isTimedOut(state.stop))) break;
      return ok(draft.timeOutStep(state));
    case "job_stop_requested":
      if (state.status !== "running") break;
      return ok(draft.stopOnRequest(state, input.atMs));
    case "job_resumed":
      if (!isPaused(state)) break;
      return ok(
        input.how === "retry_step" ? draft.retryStep(state, input.atMs) : draft.letFail(state, input.atMs),
      );
    case "section_started":
      if (!isIn(state, SECTION_PHASES[input.section]) || state.section !== undefined) break;
      return ok(draft.openSection(state, input));
    case "section_finished":
      if (!isInside(state, input.section)) break;
      return ok(draft.closeSection(state, state.section, input));
    case "phase_finished":
      if (!isIn(state, input.phase) || state.section !== undefined) break;
      return ok(draft.finishPhase(state, input));
    case "step_finished":
      if (!("step" in state) || state.step.number !== input.step) break;
      if (input.end.kind === "unknown" && state.stop === undefined) break;
      return ok(draft.finishStep(state, input));
    default:
      return unreachable(input);
  }
  return err(illegalInput(`job "${context.plan.jobId}": ${describeJobState(state)}`, input));
}

function skipResult({
  reason,
  blockedBy,
  keptFrom,
}: JobInput & { readonly type: "job_skip" }): JobResult & { readonly status: "skipped" } {
  return { status: "skipped", reason, blockedBy, ...(keptFrom !== undefined && { keptFrom }) };
}

/** What a state says where it says more than its status. */
interface StateFacts {
  readonly status: string;
  readonly lostAttempts?: number;
  readonly phase?: JobPhaseCode;
  readonly section?: OpenSection;
  readonly stop?: AttemptStop;
}

/** Whether a job is in this phase. */
function isIn(state: JobState, wanted: SystemPhaseCode): state is JobInSections {
  const { phase }: StateFacts = state;
  return phase === wanted;
}

/** Whether a job is in this section of its phase. */
function isInside(
  state: JobState,
  wanted: SectionName,
): state is JobInSections & { readonly section: OpenSection } {
  const { section }: StateFacts = state;
  return section?.name === wanted;
}

function isCancelled(stop: AttemptStop | undefined): boolean {
  return stop === "cancel" || stop === "timeout_then_cancel" || stop === "request_then_cancel";
}

function isRequested(stop: AttemptStop | undefined): boolean {
  return stop === "request" || stop === "request_then_cancel";
}

/** A job in a phase that Loom itself carries out. */
type JobInSections = Exclude<RunningJob, ExecutingJob | PausedJob>;

type FailedVerdict = Extract<Verdict, { readonly status: "failed" }>;

/** A job in its execution, whichever of its steps comes next. */
type AmongSteps = Omit<ExecutingJob, "step">;

/** Collects what one input does. Lives for one call of `stepJob`. */
class JobDraft {
  readonly #context: JobContext;
  readonly #before: JobState;
  readonly #records: JobRecords;
  readonly #commands: JobCommand[] = [];
  /** How many attempts were lost with their workers. */
  #lostAttempts: number;

  constructor(context: JobContext, before: JobState) {
    this.#context = context;
    this.#before = before;
    const { lostAttempts = 0 }: StateFacts = before;
    this.#lostAttempts = lostAttempts;
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

  cancel(
    running: RunningJob,
    { isAbandoned = false, atMs }: { readonly isAbandoned?: boolean; readonly atMs: EpochMs },
  ): JobStep {
    if (isPaused(running)) return this.#done(this.#endPause(running, { stop: "cancel", isAbandoned }, atMs));
    const state = isAbandoned && "step" in running ? { ...running, isAbandoned } : running;
    if (state.phase === "job.cleanup" || isCancelled(state.stop)) return this.#done(state);
    if (state.stop === "timeout") return this.#done({ ...state, stop: "timeout_then_cancel" });
    if (state.stop === "request") return this.#done({ ...state, stop: "request_then_cancel" });
    this.#stopTimer(state.attempt);
    this.#stopAttempt(state, "cancel");
    return this.#done({ ...state, stop: "cancel" });
  }

  /** Where a cancel is known already, the limit was reached before it all the same: a cancel stops the timer. */
  timeOut(state: Exclude<RunningJob, CleaningUpJob | PausedJob>): JobStep {
    if (state.stop === "cancel") return this.#done({ ...state, stop: "timeout_then_cancel" });
    this.#stopAttempt(state, "timeout");
    return this.#done({ ...state, stop: "timeout" });
  }

  /** Only this step ends; the limit of the job goes on counting. */
  timeOutStep(state: ExecutingJob): JobStep {
    const { attempt, step } = state;
    const { jobId } = this.#context.plan;
    this.#commands.push({ type: "cancel_step", jobId, attempt, step: step.number });
    return this.#done({ ...state, step: { ...step, isOverdue: true } });
  }

  /** The job fails, and is not tried again: who asked wants it to end. */
  stopOnRequest(state: RunningJob, atMs: EpochMs): JobStep {
    if (isPaused(state)) return this.#done(this.#endPause(state, { stop: "request" }, atMs));
    if (state.phase === "job.cleanup" || state.stop !== undefined) return this.#done(state);
    this.#stopTimer(state.attempt);
    this.#stopAttempt(state, "request");
    return this.#done({ ...state, stop: "request" });
  }

  /** The job fails as it did when it was held: its limit counts anew for what follows. */
  letFail(state: PausedJob, atMs: EpochMs): JobStep {
    return this.#done(this.#endPause(state, {}, atMs));
  }

  /** A new attempt that begins at the step that failed: what came before that is kept. */
  retryStep(state: PausedJob, atMs: EpochMs): JobStep {
    const { phase, paused } = state;
    const attempt = state.attempt + 1;
    this.#commands.push({ type: "end_pause", jobId: this.#context.plan.jobId, attempt: state.attempt });
    this.#endExecution(state, paused, atMs);
    this.#records.phaseStart(phase, attempt, paused.step);
    this.#startTimer(attempt);
    const began = { status: "running", attempt, phase, phaseStartedAtMs: atMs } as const;
    return this.#done({ ...began, step: this.#beginStep(began, paused.step, atMs) });
  }

  /** Goes on to what follows the steps that decide. */
  #endPause(
    state: PausedJob,
    { stop, isAbandoned }: { readonly stop?: "cancel" | "request"; readonly isAbandoned?: boolean },
    atMs: EpochMs,
  ): RunningJob {
    const { jobId, stepCount } = this.#context.plan;
    const { attempt, phase, phaseStartedAtMs, paused } = state;
    const { step, verdict, facts } = paused;
    this.#commands.push({ type: "end_pause", jobId, attempt });
    if (stop === undefined) this.#startTimer(attempt);
    else this.#commands.push({ type: "cancel_job", jobId, attempt, cause: stop });
    const among: AmongSteps = {
      status: "running",
      attempt,
      phase,
      phaseStartedAtMs,
      ...(stop !== undefined && { stop }),
      ...(isAbandoned === true && { isAbandoned }),
    };
    return this.#follow(among, { verdict, facts }, Math.max(step, stepCount) + 1, atMs);
  }

  openSection(state: JobInSections, input: JobInput & { type: "section_started" }): JobStep {
    this.#records.sectionStart(input.section, state.attempt);
    return this.#done({ ...state, section: { name: input.section, startedAtMs: input.atMs } });
  }

  closeSection(
    state: JobInSections,
    section: OpenSection,
    input: JobInput & { type: "section_finished" },
  ): JobStep {
    this.#records.sectionFinish(section.name, state.attempt, {
      status: input.outcome.status,
      duration_ms: elapsed(section.startedAtMs, input.atMs),
      ...(input.outcome.status === "failed" && { error: input.outcome.error }),
    });
    const { section: _closed, ...rest } = state;
    return this.#done(rest);
  }

  finishPhase(state: JobInSections, input: JobInput & { type: "phase_finished" }): JobStep {
    const { atMs } = input;
    const outcome = this.#outcomeOf(state, input.outcome);
    this.#records.phaseFinish(state.phase, state.attempt, {
      status: outcome.status,
      duration_ms: elapsed(state.phaseStartedAtMs, atMs),
      ...(outcome.status === "failed" && { error: outcome.error }),
    });
    switch (state.phase) {
      case "job.provider_prepare":
      case "job.cache_restore":
      case "job.artifact_restore":
        return this.#done(this.#afterSetUp(state, outcome, atMs));
      case "job.artifact_save":
      case "job.cache_save":
        return this.#done(this.#afterSave(state, outcome, atMs));
      case "job.cleanup":
        return this.#settle(state.verdict, state.attempt);
      default:
        return unreachable(state);
    }
  }

  finishStep(state: ExecutingJob, input: JobInput & { type: "step_finished" }): JobStep {
    const { step, stop, decided } = state;
    const { atMs } = input;
    const overdue = this.#overdueError(step);
    const end =
      decided === undefined
        ? stepEndOf(input.end, stop, this.#context.plan, overdue)
        : afterStepEndOf(input.end, overdue);
    if (decided !== undefined || stop === undefined) this.#stopStepTimer(state.attempt, step);
    const error = stepError(step.number, end);
    const status = stepStatus(end);
    const goesOn = decided === undefined && stop === undefined && this.#tolerates(step.number, end, error);
    this.#records.stepFinish(step.number, state.attempt, {
      status,
      duration_ms: elapsed(step.startedAtMs, atMs),
      ...processFields(end),
      ...(error !== undefined && { error }),
      ...(goesOn && { tolerated: true as const }),
    });
    if (decided === undefined && (status === "success" || goesOn))
      return this.#done(this.#runSteps(state, step.number + 1, atMs));
    const now = decided ?? { verdict: this.#executionVerdict(state, end, error), facts: processFields(end) };
    if (isWorkerLost(error)) {
      const lost = { verdict: this.#failure("worker", error), facts: {} };
      const verdict = this.#endExecution(state, now.verdict.status === "success" ? lost : now, atMs);
      return this.#done(this.#closeAttempt(state, verdict, atMs));
    }
    if (decided === undefined && stop === undefined && this.#pauses(state.attempt, now.verdict))
      return this.#done(this.#pause(state, { step: step.number, verdict: now.verdict, facts: now.facts }));
    return this.#done(
      this.#follow(state, now, Math.max(step.number, this.#context.plan.stepCount) + 1, atMs),
    );
  }

  /** Whether an attempt that comes out so is held: it fails, and would not be tried again by itself. */
  #pauses(attempt: number, verdict: Verdict): verdict is FailedVerdict {
    if (this.#context.pauseTimeoutMs === undefined || verdict.status !== "failed") return false;
    return !this.#isTriedAgain(attempt, verdict) && attempt < MAX_ATTEMPTS;
  }

  /** The limit of the job does not count while it is held. */
  #pause({ attempt, phase, phaseStartedAtMs }: ExecutingJob, paused: PausedJob["paused"]): PausedJob {
    const { plan, pauseTimeoutMs: timeoutMs = 0 } = this.#context;
    this.#stopTimer(attempt);
    this.#commands.push({ type: "pause_job", jobId: plan.jobId, attempt, step: paused.step, timeoutMs });
    return { status: "running", attempt, phase, phaseStartedAtMs, paused };
  }

  /** Whether a step failed in a way that the job goes on after. */
  #tolerates(step: number, end: StepEnd, error: EventError | undefined): boolean {
    if (error === undefined || isWorkerLost(error)) return false;
    return tolerates(this.#context.plan.toleratedSteps?.get(step), exitCodeOf(end));
  }

  /** Begins the next step that decides, from a number on; where none is left, all of them went well. */
  #runSteps(state: AmongSteps, from: number, atMs: EpochMs): RunningJob {
    const { plan } = this.#context;
    const next = this.#nextStep(from, plan.stepCount);
    if (next !== undefined) return { ...state, step: this.#beginStep(state, next, atMs) };
    // Somebody may have asked it to stop before it got to its steps; its limit has cut nothing short that took place.
    const error = isRequested(state.stop) ? stopError(state.stop, plan) : undefined;
    const verdict: Verdict = error === undefined ? { status: "success" } : this.#failure("failure", error);
    return this.#follow(state, { verdict, facts: {} }, plan.stepCount + 1, atMs);
  }

  /** Begins the next step of those that follow, or ends the execution. */
  #follow(state: AmongSteps, decided: DecidedExecution, from: number, atMs: EpochMs): RunningJob {
    const { stepCount, afterStepCount = 0 } = this.#context.plan;
    const next = state.isAbandoned === true ? undefined : this.#nextStep(from, stepCount + afterStepCount);
    if (next === undefined) return this.#finishExecution(state, decided, atMs);
    return { ...state, decided, step: this.#beginStep(state, next, atMs, decided.verdict.status) };
  }

  /** The first step of a range that takes place. */
  #nextStep(from: number, last: number): number | undefined {
    const { withheldSteps } = this.#context.plan;
    for (let number = from; number <= last; number += 1)
      if (withheldSteps?.has(number) !== true) return number;
    return undefined;
  }

  #finishExecution(state: AmongSteps, decided: DecidedExecution, atMs: EpochMs): RunningJob {
    const verdict = this.#endExecution(state, decided, atMs);
    if (verdict.status === "cancelled") return this.#closeAttempt(state, verdict, atMs);
    return this.#saveNext({ ...state, verdict }, SAVE_PHASES, atMs);
  }

  /** A cancel, even one after the step that decided, says how the attempt ends. */
  #endExecution(
    { attempt, phaseStartedAtMs, stop }: Pick<AmongSteps, "attempt" | "phaseStartedAtMs" | "stop">,
    { verdict: decided, facts }: DecidedExecution,
    atMs: EpochMs,
  ): Verdict {
    const verdict: Verdict = isCancelled(stop) ? { status: "cancelled" } : decided;
    this.#records.phaseFinish("job.execution", attempt, {
      status: verdict.status,
      duration_ms: elapsed(phaseStartedAtMs, atMs),
      ...(verdict.status === "failed" && { ...facts, error: verdict.error }),
    });
    return verdict;
  }

  #executionVerdict(
    { stop, step }: Pick<ExecutingJob, "stop" | "step">,
    end: StepEnd,
    error: EventError | undefined,
  ): Verdict {
    if (isCancelled(stop)) return { status: "cancelled" };
    if (error === undefined) return { status: "success" };
    if (isWorkerLost(error)) return this.#failure("worker", error);
    const cause = isTimedOut(stop) || step.isOverdue === true ? "timeout" : "failure";
    return this.#failure(cause, error, exitCodeOf(end));
  }

  /**
   * How a phase ended, given what its work answered. Set-up by the provider that
   * the limit of the job or a request cut short has failed, whatever it came to;
   * another phase only when it did not come to its end.
   */
  #outcomeOf(state: JobInSections, outcome: PhaseOutcome): PhaseOutcome {
    const { stop }: StateFacts = state;
    const error = stopError(stop, this.#context.plan);
    if (error === undefined) return outcome;
    const wasCut = outcome.status === "failed" || outcome.status === "cancelled";
    if (!wasCut && state.phase !== "job.provider_prepare") return outcome;
    return { status: "failed", error };
  }

  #afterSetUp(state: SettingUpJob, outcome: PhaseOutcome, atMs: EpochMs): RunningJob {
    if (outcome.status === "cancelled" || isCancelled(state.stop)) {
      return this.#leaveOutExecution(state, { status: "cancelled" }, atMs);
    }
    if (outcome.status === "failed") {
      return this.#leaveOutExecution(state, this.#phaseFailure(state.stop, outcome.error), atMs);
    }
    const { attempt } = state;
    const stop = state.stop === undefined ? {} : { stop: state.stop };
    const next = RESTORE_PHASES.slice(RESTORE_PHASES.findIndex((phase) => phase === state.phase) + 1).find(
      (phase) => this.#restores(phase),
    );
    if (next !== undefined) return { ...this.#beginSetUp(next, attempt, atMs), ...stop };
    this.#records.phaseStart("job.execution", attempt);
    const began = { status: "running", attempt, phase: "job.execution", phaseStartedAtMs: atMs } as const;
    return this.#runSteps({ ...began, ...stop }, 1, atMs);
  }

  #afterSave(state: SavingJob, outcome: PhaseOutcome, atMs: EpochMs): RunningJob {
    const failure = outcome.status === "failed" ? this.#phaseFailure(state.stop, outcome.error) : undefined;
    const verdict = state.verdict.status === "success" ? (failure ?? state.verdict) : state.verdict;
    if (failure?.cause === "worker") return this.#closeAttempt(state, verdict, atMs);
    return this.#saveNext(
      { ...state, verdict },
      SAVE_PHASES.slice(SAVE_PHASES.indexOf(state.phase) + 1),
      atMs,
    );
  }

  /** Every job that started has `job.execution`: if set-up failed, it is skipped or cancelled. */
  #leaveOutExecution(state: SettingUpJob, verdict: Verdict, atMs: EpochMs): RunningJob {
    this.#records.phaseStart("job.execution", state.attempt);
    this.#records.phaseFinish("job.execution", state.attempt, {
      status: verdict.status === "cancelled" ? "cancelled" : "skipped",
      duration_ms: 0,
    });
    return this.#closeAttempt(state, verdict, atMs);
  }

  /** Begins the first of some phases that takes place, or closes the attempt. */
  #saveNext(
    state: Pick<SavingJob, "attempt" | "verdict" | "stop">,
    phases: readonly SavePhaseCode[],
    atMs: EpochMs,
  ): RunningJob {
    const { jobId } = this.#context.plan;
    const { attempt, verdict, stop } = state;
    const phase = phases.find((each) => this.#saves(each, verdict.status));
    if (phase === undefined) return this.#closeAttempt(state, verdict, atMs);
    this.#records.phaseStart(phase, attempt);
    this.#commands.push({ type: "run_phase", jobId, attempt, phase, verdict: verdict.status });
    const saving = { status: "running", attempt, phase, phaseStartedAtMs: atMs, verdict } as const;
    return { ...saving, ...(stop !== undefined && { stop }) };
  }

  /** Whether a phase between the provider's work and the steps takes place. */
  #restores(phase: (typeof RESTORE_PHASES)[number]): boolean {
    const { plan } = this.#context;
    switch (phase) {
      case "job.cache_restore":
        return plan.restoresCache;
      case "job.artifact_restore":
        return plan.restoresArtifacts;
      default:
        return unreachable(phase);
    }
  }

  /** Whether a phase after the steps takes place. */
  #saves(phase: SavePhaseCode, status: "success" | "failed"): boolean {
    const { plan } = this.#context;
    switch (phase) {
      case "job.artifact_save":
        return holdsAfter(plan.savesArtifacts, status);
      case "job.cache_save":
        return holdsAfter(plan.savesCache, status);
      default:
        return unreachable(phase);
    }
  }

  #closeAttempt(
    { attempt, stop }: Pick<SettingUpJob, "attempt" | "stop">,
    verdict: Verdict,
    atMs: EpochMs,
  ): RunningJob {
    const { plan } = this.#context;
    if (stop === undefined) this.#stopTimer(attempt);
    const isStopped = isCancelled(stop) || isRequested(stop);
    if (!isStopped && this.#isTriedAgain(attempt, verdict)) {
      if (verdict.cause === "worker") this.#lostAttempts += 1;
      return this.#beginAttempt(attempt + 1, atMs);
    }
    this.#records.phaseStart("job.cleanup", attempt);
    this.#commands.push({ type: "clean_up_job", jobId: plan.jobId });
    return { status: "running", attempt, phase: "job.cleanup", phaseStartedAtMs: atMs, verdict };
  }

  /** Whether the whole job is tried again after an attempt that came out so and that nothing stopped. */
  #isTriedAgain(attempt: number, verdict: Verdict): verdict is FailedVerdict {
    const { retry } = this.#context.plan;
    if (verdict.status !== "failed" || attempt >= MAX_ATTEMPTS) return false;
    if (verdict.cause === "worker")
      return this.#lostAttempts < (retry.on.includes("worker") ? retry.max : LOST_WORKER_RETRIES);
    return attempt - this.#lostAttempts <= retry.max && isRetried(retry, verdict);
  }

  #beginAttempt(attempt: number, atMs: EpochMs): SettingUpJob {
    this.#startTimer(attempt);
    return this.#beginSetUp("job.provider_prepare", attempt, atMs);
  }

  #startTimer(attempt: number): void {
    const { jobId, timeoutMs } = this.#context.plan;
    if (timeoutMs !== undefined)
      this.#commands.push({ type: "start_timer", jobId, attempt, afterMs: timeoutMs });
  }

  #beginSetUp(phase: SetUpPhaseCode, attempt: number, atMs: EpochMs): SettingUpJob {
    const { jobId } = this.#context.plan;
    this.#records.phaseStart(phase, attempt);
    if (phase === "job.provider_prepare") this.#commands.push({ type: "start_job", jobId, attempt });
    else this.#commands.push({ type: "run_phase", jobId, attempt, phase });
    return { status: "running", attempt, phase, phaseStartedAtMs: atMs };
  }

  #beginStep(
    { attempt, stop }: AmongSteps,
    number: number,
    atMs: EpochMs,
    verdict?: Verdict["status"],
  ): ExecutingJob["step"] {
    this.#records.stepStart(number, attempt);
    const { jobId, stepTimeoutsMs } = this.#context.plan;
    this.#commands.push({
      type: "run_step",
      jobId,
      attempt,
      step: number,
      ...(verdict !== undefined && { verdict }),
    });
    const limitMs = stepTimeoutsMs?.get(number);
    // One that decides is asked to stop as it begins, if its attempt was.
    const isStopping = verdict === undefined && stop !== undefined;
    if (limitMs !== undefined && !isStopping)
      this.#commands.push({ type: "start_timer", jobId, attempt, step: number, afterMs: limitMs });
    return { number, startedAtMs: atMs };
  }

  /** A step that decides nothing any more keeps its own limit: it is not asked to stop with the others. */
  #stopAttempt(running: RunningJob, cause: "timeout" | "request" | "cancel"): void {
    const { attempt } = running;
    if ("step" in running && running.decided === undefined) this.#stopStepTimer(attempt, running.step);
    this.#commands.push({ type: "cancel_job", jobId: this.#context.plan.jobId, attempt, cause });
  }

  #stopStepTimer(attempt: number, { number: step, isOverdue }: StepUnderWay): void {
    const { jobId, stepTimeoutsMs } = this.#context.plan;
    if (isOverdue === true || stepTimeoutsMs?.has(step) !== true) return;
    this.#commands.push({ type: "stop_timer", jobId, attempt, step });
  }

  /** Why a step was asked to stop that reached its own limit. */
  #overdueError({ number, isOverdue }: StepUnderWay): EventError | undefined {
    const limitMs = this.#context.plan.stepTimeoutsMs?.get(number);
    return isOverdue === true && limitMs !== undefined ? stepLimitError(number, limitMs) : undefined;
  }

  #stopTimer(attempt: number): void {
    const { jobId, timeoutMs } = this.#context.plan;
    if (timeoutMs !== undefined) this.#commands.push({ type: "stop_timer", jobId, attempt });
  }

  #settle(result: JobResult, attempts: number): JobStep {
    const { keptFrom }: { readonly status: string; readonly keptFrom?: RunId } = result;
    this.#records.jobState(jobStatus(this.#before), result.status, {
      ...(result.status === "failed" && { reason: result.error.code }),
      ...(result.status === "skipped" && { reason: result.reason }),
      ...(result.status === "skipped" && result.blockedBy.length > 0 && { blocked_by: result.blockedBy }),
      ...(keptFrom !== undefined && { kept_from: keptFrom }),
    });
    return this.#done({ status: "settled", result, attempts });
  }

  /** A job that fails outside its steps. */
  #phaseFailure(stop: AttemptStop | undefined, error: EventError): FailedVerdict {
    if (isWorkerLost(error)) return this.#failure("worker", error);
    return this.#failure(isTimedOut(stop) ? "timeout" : "provider", error);
  }

  #failure(cause: RetryCause, error: EventError, exitCode?: number): FailedVerdict {
    return {
      status: "failed",
      blocking: !tolerates(this.#context.plan.allowFailure, exitCode),
      cause,
      error,
      ...(exitCode !== undefined && { exitCode }),
    };
  }

  #done(after: JobState): JobStep {
    const lostAttempts = this.#lostAttempts;
    const state = after.status === "running" && lostAttempts > 0 ? { ...after, lostAttempts } : after;
    return { state, emissions: this.#records.emissions, commands: this.#commands };
  }
}

/** Whether a failure is one that the job is tried again for. */
function isRetried({ on, exit_codes: codes = [] }: GraphRetry, { cause, exitCode }: FailedVerdict): boolean {
  return on.includes(cause) || (cause === "failure" && exitCode !== undefined && codes.includes(exitCode));
}

function holdsAfter(when: When | undefined, status: "success" | "failed"): boolean {
  if (when === undefined) return false;
  if (when === "always") return true;
  return (when === "on_success") === (status === "success");
}

function elapsed(fromMs: EpochMs, toMs: EpochMs): number {
  return Math.max(0, toMs - fromMs);
}
