import type {
  AllowFailure,
  EventError,
  JobId,
  JobPhaseCode,
  PhaseStatus,
  RunId,
  SectionName,
  SkipReason,
} from "@loom/core";
import type { JobPause } from "@loom/record";

/** What a run looks like at one moment. Plain values that never change. */
export interface RunView {
  /** Rises with every change that a screen could show. Lines of output change nothing. */
  readonly version: number;
  readonly runId?: RunId;
  /** `starting` until the workspace is there, `finalizing` while the last documents are written. */
  readonly phase: "starting" | "running" | "finalizing" | "finished";
  /** Unix time in milliseconds, as all moments here; from the `ts` of the first record. */
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  /** When it was asked to stop; absent while nobody has. */
  readonly stoppedAtMs?: number;
  /** Where jobs work; absent until that is known, and for runs whose records do not tell. */
  readonly workspace?: WorkspaceView;
  /** Why a phase of the run itself failed. */
  readonly error?: EventError;
  readonly counts: JobTally;
  /** In execution order. A stage without jobs is among them. */
  readonly stages: readonly StageView[];
  /** By stage, in declaration order inside a stage. */
  readonly jobs: readonly JobView[];
  /** In the order in which they started. */
  readonly runningIds: readonly JobId[];
  /** In the order in which they ended, skipped ones included. */
  readonly endedIds: readonly JobId[];
  /** In the order in which they ended, tolerated ones included. */
  readonly failedIds: readonly JobId[];
  /** The blocking failure that ended first: the cause, as far as one job is. */
  readonly firstFailureId?: JobId;
}

/** Where the jobs of a run work. */
export interface WorkspaceView {
  /** Absolute. */
  readonly path: string;
  /** A snapshot of the checkout, or the checkout itself. */
  readonly isSnapshot: boolean;
}

/** A stage: a stretch of `RunView.jobs`. */
export interface StageView {
  readonly name: string;
  /** Index of its first job. */
  readonly firstJob: number;
  readonly counts: JobTally;
}

/** How many jobs are in which state. The members other than `total` add up to `total`. */
export interface JobTally {
  readonly total: number;
  readonly waiting: number;
  readonly queued: number;
  readonly running: number;
  /** Held after a step that failed, until somebody says how they go on. */
  readonly held: number;
  readonly success: number;
  /** Blocking failures. */
  readonly failed: number;
  /** Failures that `allow_failure` tolerates. */
  readonly failedAllowed: number;
  /** Skipped because another job failed. */
  readonly blocked: number;
  /** Skipped because their `when` does not hold, or the run had no workspace. */
  readonly skipped: number;
  readonly notSelected: number;
  /** Not run, because they succeeded in an earlier run. */
  readonly kept: number;
  readonly cancelled: number;
}

/** One job; what more is known depends on its status. */
export type JobView = WaitingJobView | RunningJobView | FinishedJobView | FailedJobView | SkippedJobView;

/** What is known of every job. */
export interface JobHead {
  readonly jobId: JobId;
  /** Empty when the graph is not known. */
  readonly stage: string;
  readonly allowFailure: AllowFailure;
  /** Text that the workflow has beside the name of the job. As written. */
  readonly title?: string;
}

/** A job that has not started. */
export interface WaitingJobView extends JobHead {
  /** `ready` waits for a free slot, `pending` for other jobs. */
  readonly status: "pending" | "ready";
  /** Whether it waits for somebody to ask for it, or for such a job. */
  readonly waits?: true;
}

/** A job at work. */
export interface RunningJobView extends JobHead {
  readonly status: "running";
  /** From 1. */
  readonly attempt: number;
  readonly startedAtMs: number;
  /** What it is doing; absent between two units of work. */
  readonly unit?: JobUnit;
  /** Present while it is held after a step that failed, and waits for somebody to say how it goes on. */
  readonly paused?: JobPause;
}

/** A job that ended well, or was cancelled. */
export interface FinishedJobView extends JobHead {
  readonly status: "success" | "cancelled";
  /** 0 when it never started. */
  readonly attempt: number;
  /** Absent when it never started. */
  readonly startedAtMs?: number;
  readonly finishedAtMs: number;
}

/** A job that failed. */
export interface FailedJobView extends JobHead {
  readonly status: "failed";
  /** False when `allow_failure` tolerates it. */
  readonly blocking: boolean;
  readonly attempt: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs: number;
  readonly failure: FailureView;
}

/** A job that did not run. */
export interface SkippedJobView extends JobHead {
  readonly status: "skipped";
  readonly reason: SkipReason;
  /** The root causes, not the links. */
  readonly blockedBy: readonly JobId[];
  /** The earlier run in which it succeeded, and whose result it keeps. */
  readonly keptFrom?: RunId;
  readonly finishedAtMs: number;
}

/** A part of a job that fails or succeeds as one. */
export type JobUnit =
  | StepUnit
  | { readonly kind: "section"; readonly section: SectionName }
  | { readonly kind: "phase"; readonly phase: JobPhaseCode };

/** A step of a job. */
export interface StepUnit {
  readonly kind: "step";
  /** From 1. */
  readonly step: number;
  /** The whole script entry, as written; absent when the graph is not known. */
  readonly command?: string;
  /** What it is for, if it says so. */
  readonly name?: string;
}

/** A part of a job that has begun. */
export interface UnitView {
  readonly unit: Extract<JobUnit, { kind: "step" | "section" }>;
  readonly status: "running" | PhaseStatus;
  readonly startedAtMs: number;
  /** Absent while it runs. */
  readonly finishedAtMs?: number;
  readonly exitCode?: number;
  /** What became of the caches, in a section that restores or saves some. */
  readonly caches?: CacheCounts;
}

/** How many caches of a job were found, and kept. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly saved: number;
}

/** What made a job fail. */
export interface FailureView {
  readonly unit: JobUnit;
  readonly exitCode?: number;
  /** Such as `SIGKILL`. */
  readonly signal?: string;
  readonly error?: EventError;
  /** The last lines that the unit printed, both outputs together, oldest first. As printed: clean before showing. */
  readonly lines: readonly string[];
}
