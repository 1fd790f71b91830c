import type { EpochMs } from "./ids.ts";
import type { JobResult } from "./job-result.ts";
import { unreachable } from "./unreachable.ts";
import type { JobPhaseCode, JobStatus, SectionName } from "./vocabulary.ts";

/** What a job is at some moment of a run, with all that is true of it only then. */
export type JobState =
  | { readonly status: "pending" }
  | { readonly status: "ready" }
  | RunningJob
  | { readonly status: "settled"; readonly result: JobResult; readonly attempts: number };

/** A job between its start and its end. */
export interface RunningJob {
  readonly status: "running";
  /** From 1. */
  readonly attempt: number;
  /** The phase it is in. There is always one. */
  readonly phase: JobPhaseCode;
  readonly phaseStartedAtMs: EpochMs;
  /** The step under way, from 1; only in `job.execution`. */
  readonly step?: { readonly number: number; readonly startedAtMs: EpochMs };
  /** The section under way; never in `job.execution`. */
  readonly section?: { readonly name: SectionName; readonly startedAtMs: EpochMs };
  /** How this attempt ends, as far as it is known. Set once, by the first thing that decides it. */
  readonly verdict?: JobResult;
  /** Whether the run was cancelled before this job's verdict. */
  readonly cancelling: boolean;
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
      const step = state.step === undefined ? "" : `, step ${state.step.number}`;
      const section = state.section === undefined ? "" : `, section ${state.section.name}`;
      return `running ${state.phase}${step}${section}`;
    }
    case "settled":
      return state.result.status;
    default:
      return unreachable(state);
  }
}
