import type { EpochMs } from "./ids.ts";
import type { JobResult } from "./job-result.ts";
import { unreachable } from "./unreachable.ts";
import type { JobStatus, SavePhaseCode, SectionName, SetUpPhaseCode } from "./vocabulary.ts";

/** The state of a job at some moment of a run, with what is true only in that state. */
export type JobState =
  | { readonly status: "pending" }
  | { readonly status: "ready" }
  | RunningJob
  | { readonly status: "settled"; readonly result: JobResult; readonly attempts: number };

/** A job between its start and its end, with what is true in the phase it is in. */
export type RunningJob = SettingUpJob | ExecutingJob | PausedJob | SavingJob | CleaningUpJob;

/** What is true of a running job in each of its phases. */
interface InPhase {
  readonly status: "running";
  /** From 1. */
  readonly attempt: number;
  /** How many of the attempts before this one were lost with their workers. Absent: none. */
  readonly lostAttempts?: number;
  readonly phaseStartedAtMs: EpochMs;
}

/** What is true of a phase that Loom itself carries out. */
interface InSections extends InPhase {
  /** The section under way. */
  readonly section?: OpenSection;
}

/** A section that has begun. */
export interface OpenSection {
  readonly name: SectionName;
  readonly startedAtMs: EpochMs;
}

/** Before the steps of an attempt. */
export interface SettingUpJob extends InSections {
  readonly phase: SetUpPhaseCode;
  /** Why the attempt was asked to stop; absent while nothing has asked. */
  readonly stop?: AttemptStop;
}

/** How the steps that decide have ended, while those of `after_script` run. */
export interface DecidedExecution {
  readonly verdict: Verdict;
  /** What the end of `job.execution` says of the step that decided. */
  readonly facts: { readonly exit_code?: number; readonly signal?: string };
}

/** A step that has begun. */
export interface StepUnderWay {
  /** From 1. */
  readonly number: number;
  readonly startedAtMs: EpochMs;
  /** Whether it was asked to stop, as it has reached its own limit. */
  readonly isOverdue?: boolean;
}

/** In the steps of an attempt, with one under way. */
export interface ExecutingJob extends InPhase {
  readonly phase: "job.execution";
  /** The step under way, from 1. */
  readonly step: StepUnderWay;
  /** Present once the step under way changes nothing any more. */
  readonly decided?: DecidedExecution;
  /** Whether nothing follows the step under way, as nobody is there to run it. */
  readonly isAbandoned?: boolean;
  /** Why the attempt was asked to stop; absent while nothing has asked. */
  readonly stop?: AttemptStop;
}

/** Held between two steps of an attempt: one failed, and somebody is to say how the job goes on. Nothing runs for it. */
export interface PausedJob extends InPhase {
  readonly phase: "job.execution";
  /** The step that failed, and how the attempt ends unless it is tried again. */
  readonly paused: {
    /** From 1. */
    readonly step: number;
    readonly verdict: Extract<Verdict, { readonly status: "failed" }>;
    readonly facts: DecidedExecution["facts"];
  };
}

/** After the steps of an attempt, which were not cancelled. */
export interface SavingJob extends InSections {
  readonly phase: SavePhaseCode;
  /** How the attempt ends, unless saving fails. */
  readonly verdict: Exclude<Verdict, { readonly status: "cancelled" }>;
  /** Why the attempt was asked to stop; absent while nothing has asked. */
  readonly stop?: AttemptStop;
}

/** After the last attempt. A cancel comes too late to change anything. */
export interface CleaningUpJob extends InSections {
  readonly phase: "job.cleanup";
  /** How the job ends. */
  readonly verdict: Verdict;
}

/**
 * Why an attempt was asked to stop, first cause first.
 *
 * The first says how its step ended; a cancel, even a later one, says how the job does.
 */
export type AttemptStop = "timeout" | "request" | "cancel" | "timeout_then_cancel" | "request_then_cancel";

/** Whether an attempt reached the limit of its job before anything else stopped it. */
export function isTimedOut(stop: AttemptStop | undefined): boolean {
  return stop === "timeout" || stop === "timeout_then_cancel";
}

/** How an attempt ends. One that began is not skipped. */
export type Verdict = Exclude<JobResult, { readonly status: "skipped" }>;

/** Whether a job is held after a step that failed. */
export function isPaused(state: JobState): state is PausedJob {
  return "paused" in state;
}

/** The state of every job of a new run. */
export const PENDING: JobState = { status: "pending" };

/** The status word of a state. */
export function jobStatus(state: JobState): JobStatus {
  return state.status === "settled" ? state.result.status : state.status;
}

/** Names a state for an error message or a diagram. */
export function describeJobState(state: JobState): string {
  switch (state.status) {
    case "pending":
    case "ready":
      return state.status;
    case "running": {
      if (isPaused(state)) return `running ${state.phase}, paused after step ${state.paused.step}`;
      if (state.phase === "job.execution") return `running ${state.phase}, step ${state.step.number}`;
      const section = state.section === undefined ? "" : `, section ${state.section.name}`;
      return `running ${state.phase}${section}`;
    }
    case "settled":
      return state.result.status;
    default:
      return unreachable(state);
  }
}
