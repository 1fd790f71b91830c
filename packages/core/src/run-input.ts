import type { EventError } from "./event.ts";
import type { EpochMs, JobId } from "./ids.ts";
import type { JobCommand, JobInput } from "./job-input.ts";
import type { PhaseOutcome } from "./job-result.ts";
import type { RunPlan } from "./run-plan.ts";

/** What stopped a run before its work was done. */
export type StopCause =
  /** A person or a supervisor asked for it. */
  | { readonly kind: "signal"; readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP" }
  /** The run cannot continue truthfully: its evidence cannot be written. */
  | { readonly kind: "fault"; readonly error: EventError }
  /** Loom itself ended before the run did, and another process closes the run. Outweighs any other cause. */
  | { readonly kind: "interrupted" };

/** How `run.bootstrap` ended. A failed one may still know the jobs that now will not run. */
export type BootstrapOutcome =
  | { readonly status: "success"; readonly plan: RunPlan }
  | { readonly status: "failed"; readonly error: EventError; readonly plan?: RunPlan };

type ReportedJobInput = Exclude<
  JobInput,
  { readonly type: "job_ready" | "job_start" | "job_skip" | "job_cancel" }
>;

/** What happened to one job, as an input of its run. */
export type JobReport = ReportedJobInput extends infer T
  ? T extends unknown
    ? T & { readonly jobId: JobId }
    : never
  : never;

/** What can happen to a run. `atMs` is the moment it happened; it never decreases. */
export type RunInput =
  /** First of all. */
  | { readonly type: "run_started"; readonly atMs: EpochMs }
  | { readonly type: "bootstrap_finished"; readonly outcome: BootstrapOutcome; readonly atMs: EpochMs }
  | JobReport
  /** Somebody asks for a job that waits for that. */
  | { readonly type: "job_played"; readonly jobId: JobId; readonly atMs: EpochMs }
  /** The process that carried the run out was gone, and another one takes it up: what can start does. */
  | { readonly type: "run_resumed"; readonly atMs: EpochMs }
  /** From now on a job is held after a step that failed, for so many milliseconds, above 0. One that has failed stays as it is. */
  | { readonly type: "pauses_enabled"; readonly timeoutMs: number; readonly atMs: EpochMs }
  /** Nothing new starts, what runs is asked to stop. Further ones change nothing. */
  | { readonly type: "stop_requested"; readonly cause: StopCause; readonly atMs: EpochMs }
  | { readonly type: "finalized"; readonly outcome: PhaseOutcome; readonly atMs: EpochMs };

/** What the outside must do for a run. Where noted, it responds with one input. */
export type RunCommand =
  /** Answered by `bootstrap_finished`. */
  | { readonly type: "bootstrap" }
  | JobCommand
  /** Write the final documents. Answered by `finalized`. */
  | { readonly type: "finalize" };
