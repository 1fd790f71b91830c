import { epochMs, unreachable, type EventError, type JobId, type RunId, type SectionName } from "@loom/core";
import { wireTime } from "@loom/record";
import type { JobTally, JobUnit, JobView, RunView } from "./run-view.ts";
import type { ViewModel } from "./view-model.ts";

/** A run under way as a document: the job table that the screen shows. Times are ISO 8601, in UTC. */
export interface RunState {
  readonly schema_version: "v1";
  readonly kind: "loom-run-state";
  /** Absent until the first record. */
  readonly run_id?: RunId;
  /** As in {@link RunView}. */
  readonly phase: RunView["phase"];
  readonly started_at?: string;
  /** How many jobs run at a time; absent until that is known. */
  readonly concurrency?: number;
  /** How many jobs are in which state. All but `total` add up to it. */
  readonly counts: RunStateCounts;
  /** In execution order. */
  readonly stages: readonly { readonly name: string; readonly job_ids: readonly JobId[] }[];
  /** By stage, in declaration order inside a stage. */
  readonly jobs: readonly JobStateRow[];
}

/** {@link JobTally} in a document. */
export interface RunStateCounts {
  readonly total: number;
  /** Waits for other jobs. */
  readonly pending: number;
  /** Waits for a free slot. */
  readonly ready: number;
  readonly running: number;
  readonly success: number;
  /** Blocking failures. */
  readonly failed: number;
  /** Failures that `allow_failure` tolerates. */
  readonly failed_allowed: number;
  /** Skipped because another job failed. */
  readonly blocked: number;
  readonly skipped: number;
  readonly not_selected: number;
  /** Keep the result of an earlier run. */
  readonly kept: number;
  readonly cancelled: number;
}

/** One job of a {@link RunState}. */
export interface JobStateRow {
  readonly job_id: JobId;
  readonly stage: string;
  readonly status: JobView["status"];
  /** From 1; 0 for a job that never started. Absent while it waits, and for a skipped one. */
  readonly attempt?: number;
  readonly started_at?: string;
  readonly finished_at?: string;
  /** What it is at, or what failed: a step from 1 with its command, or a section or phase. */
  readonly step?: number;
  readonly command?: string;
  readonly section?: SectionName;
  readonly phase?: string;
  /** Held after this step failed: it waits for somebody to say how it goes on, and fails at `until` if nobody does. */
  readonly paused?: { readonly step: number; readonly since?: string; readonly until?: string };
  /** False for a failure that is tolerated; failures only. */
  readonly blocking?: boolean;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly error?: EventError;
  readonly skip_reason?: string;
  readonly blocked_by?: readonly JobId[];
  readonly kept_from?: RunId;
}

/** What a run looks like now, as a document. */
export function runState(model: ViewModel): RunState {
  const { runId, phase, startedAtMs, counts, stages, jobs } = model.view();
  const { concurrency } = model;
  return {
    schema_version: "v1",
    kind: "loom-run-state",
    ...(runId !== undefined && { run_id: runId }),
    phase,
    ...time("started_at", startedAtMs),
    ...(concurrency !== undefined && { concurrency }),
    counts: countsOf(counts),
    stages: stages.map(({ name, firstJob, counts: { total } }) => ({
      name,
      job_ids: jobs.slice(firstJob, firstJob + total).map(({ jobId }) => jobId),
    })),
    jobs: jobs.map(rowOf),
  };
}

function countsOf({ waiting, queued, held, failedAllowed, notSelected, ...same }: JobTally): RunStateCounts {
  return {
    ...same,
    // As the states of its jobs, whose `paused` tells them apart.
    running: same.running + held,
    pending: waiting,
    ready: queued,
    failed_allowed: failedAllowed,
    not_selected: notSelected,
  };
}

function rowOf(job: JobView): JobStateRow {
  const head = { job_id: job.jobId, stage: job.stage, status: job.status };
  switch (job.status) {
    case "pending":
    case "ready":
      return head;
    case "running":
      return {
        ...head,
        attempt: job.attempt,
        ...time("started_at", job.startedAtMs),
        ...placeOf(job.unit),
        ...(job.paused !== undefined && {
          paused: {
            step: job.paused.step,
            ...time("since", job.paused.sinceMs),
            ...time("until", job.paused.untilMs),
          },
        }),
      };
    case "success":
    case "cancelled":
      return { ...head, attempt: job.attempt, ...timesOf(job) };
    case "failed": {
      const { unit, exitCode, signal, error } = job.failure;
      return {
        ...head,
        attempt: job.attempt,
        ...timesOf(job),
        ...placeOf(unit),
        blocking: job.blocking,
        ...(exitCode !== undefined && { exit_code: exitCode }),
        ...(signal !== undefined && { signal }),
        ...(error !== undefined && { error }),
      };
    }
    case "skipped":
      return {
        ...head,
        ...time("finished_at", job.finishedAtMs),
        skip_reason: job.reason,
        ...(job.blockedBy.length > 0 && { blocked_by: job.blockedBy }),
        ...(job.keptFrom !== undefined && { kept_from: job.keptFrom }),
      };
    default:
      return unreachable(job);
  }
}

function timesOf(job: {
  readonly startedAtMs?: number;
  readonly finishedAtMs: number;
}): Pick<JobStateRow, "started_at" | "finished_at"> {
  return { ...time("started_at", job.startedAtMs), ...time("finished_at", job.finishedAtMs) };
}

/** A moment under its name; nothing for one that a damaged record does not tell. */
function time<N extends string>(name: N, atMs: number | undefined): { readonly [K in N]?: string } {
  const isKnown = atMs !== undefined && Number.isFinite(atMs);
  return (isKnown ? { [name]: wireTime(epochMs(atMs)) } : {}) as { readonly [K in N]?: string };
}

function placeOf(unit: JobUnit | undefined): Pick<JobStateRow, "step" | "command" | "section" | "phase"> {
  switch (unit?.kind) {
    case undefined:
      return {};
    case "step":
      return { step: unit.step, ...(unit.command !== undefined && { command: unit.command }) };
    case "section":
      return { section: unit.section };
    case "phase":
      return { phase: unit.phase };
    default:
      return unreachable(unit);
  }
}
