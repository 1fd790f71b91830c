import type { EpochMs, JobId, RunId } from "./ids.ts";
import type { PhaseOutcome, ProcessEnd } from "./job-result.ts";
import type { OptionalPhaseCode, SectionName, SkipReason, SystemPhaseCode } from "./vocabulary.ts";

/** What can happen to a job. `atMs` is the moment it happened. */
export type JobInput =
  /** Its gates have opened and its `when` holds. */
  | { readonly type: "job_ready" }
  /** It has a free slot. */
  | { readonly type: "job_start"; readonly atMs: EpochMs }
  /** It will not run. */
  | {
      readonly type: "job_skip";
      readonly reason: SkipReason;
      readonly blockedBy: readonly JobId[];
      /** The run in which it succeeded, when it keeps that. */
      readonly keptFrom?: RunId;
      readonly atMs: EpochMs;
    }
  /** The run is being cancelled. `isAbandoned`: nobody is there to carry anything out any more. */
  | { readonly type: "job_cancel"; readonly isAbandoned?: boolean; readonly atMs: EpochMs }
  /** Its timer has fired: the attempt has reached its limit, before anything that stops the timer. */
  | { readonly type: "job_timed_out"; readonly attempt: number; readonly atMs: EpochMs }
  /** The timer of the step under way has fired: the step has reached its own limit. */
  | {
      readonly type: "step_timed_out";
      readonly attempt: number;
      readonly step: number;
      readonly atMs: EpochMs;
    }
  /** Somebody asked for this job to be cancelled, while the run goes on. Comes to nothing in a job that is stopping, or cleans up. */
  | { readonly type: "job_stop_requested"; readonly atMs: EpochMs }
  /**
   * Somebody says how a job goes on that is held after a step that failed, or nobody did in time. `retry_step`: with that
   * step, as a new attempt; `continue`: it fails as it did.
   */
  | { readonly type: "job_resumed"; readonly how: ResumeHow; readonly atMs: EpochMs }
  | { readonly type: "section_started"; readonly section: SectionName; readonly atMs: EpochMs }
  | {
      readonly type: "section_finished";
      readonly section: SectionName;
      readonly outcome: PhaseOutcome;
      readonly atMs: EpochMs;
    }
  /** A phase that Loom itself carries out has ended. `job.execution` ends with its last step. */
  | {
      readonly type: "phase_finished";
      readonly phase: SystemPhaseCode;
      readonly outcome: PhaseOutcome;
      readonly atMs: EpochMs;
    }
  | {
      readonly type: "step_finished";
      readonly step: number;
      /** `unknown`: nothing saw the end, which is possible only for a job that was asked to stop. */
      readonly end: ProcessEnd | { readonly kind: "unknown" };
      readonly atMs: EpochMs;
    };

/** Every {@link ResumeHow}. */
export const RESUME_HOWS = ["retry_step", "continue"] as const;

/** How a job goes on that was held after a step that failed. */
export type ResumeHow = (typeof RESUME_HOWS)[number];

/** What the outside must do for a job. Where noted, it responds with one input. */
export type JobCommand =
  /** Report `job_timed_out`, or `step_timed_out` of a step, after so many milliseconds, unless `stop_timer` comes first. */
  | {
      readonly type: "start_timer";
      readonly jobId: JobId;
      readonly attempt: number;
      /** Absent: of the whole attempt. */
      readonly step?: number;
      readonly afterMs: number;
    }
  /** From now on the timer must not fire. */
  | { readonly type: "stop_timer"; readonly jobId: JobId; readonly attempt: number; readonly step?: number }
  /**
   * Keep all that the job has, and say that it waits for somebody to say how it goes on. Answered by `job_resumed`, after so
   * many milliseconds with `continue`, unless `end_pause` comes first.
   */
  | {
      readonly type: "pause_job";
      readonly jobId: JobId;
      readonly attempt: number;
      /** The step that failed. */
      readonly step: number;
      readonly timeoutMs: number;
    }
  /** The job goes on. From now on its pause must not end by itself. */
  | { readonly type: "end_pause"; readonly jobId: JobId; readonly attempt: number }
  /** Set the job up. Answered by `phase_finished` of `job.provider_prepare`. */
  | { readonly type: "start_job"; readonly jobId: JobId; readonly attempt: number }
  /** Carry out an optional phase. Answered by `phase_finished` of that phase. */
  | {
      readonly type: "run_phase";
      readonly jobId: JobId;
      readonly attempt: number;
      readonly phase: OptionalPhaseCode;
      /** How the attempt came out so far; for the phases that save something. */
      readonly verdict?: "success" | "failed";
    }
  /**
   * Run one script entry. Answered by `step_finished`. An `attempt` that was not set up goes on with what the one before it
   * has: its step is tried again.
   */
  | {
      readonly type: "run_step";
      readonly jobId: JobId;
      readonly attempt: number;
      readonly step: number;
      /** How the attempt came out; for the steps that follow. */
      readonly verdict?: "success" | "failed" | "cancelled";
    }
  /** End what the job left running and remove what was set up. Answered by `phase_finished` of `job.cleanup`. */
  | { readonly type: "clean_up_job"; readonly jobId: JobId }
  /** Ask one step to stop, which has reached its own limit. It ends as usual, sooner; the attempt goes on. */
  | {
      readonly type: "cancel_step";
      readonly jobId: JobId;
      readonly attempt: number;
      readonly step: number;
    }
  /** Ask what runs for this attempt to stop. The command under way ends as usual, sooner. */
  | {
      readonly type: "cancel_job";
      readonly jobId: JobId;
      readonly attempt: number;
      /** `timeout`: the attempt reached the limit of its job; `request`: somebody asked; `cancel`: the run is being stopped. */
      readonly cause: "timeout" | "request" | "cancel";
    };
