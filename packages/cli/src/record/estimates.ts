import { type JobId, writtenDuration } from "@loom/core";
import type { RunView } from "@loom/reporters/view";
import type { GraphLinks } from "../state/graph-links.ts";
import type { PastRun } from "./past-run.ts";

/** How long jobs took, by earlier successes of the same workflow. */
export interface Estimates {
  /** How many runs that succeeded are behind it. */
  readonly runs: number;
  readonly jobs: ReadonlyMap<string, { readonly medianMs: number; readonly mostMs: number }>;
}

/** Nothing is known. */
export const NO_ESTIMATES: Estimates = { runs: 0, jobs: new Map() };

/** So many earlier runs are needed before anything is promised, and so many are looked at. Source: docs/terminal.md#time-left. */
const LEAST_RUNS = 3;
const MOST_RUNS = 20;

/** Estimates from past runs, newest first. */
export function estimatesFrom(runs: readonly PastRun[], workflow: string): Estimates {
  const same = runs.filter((run) => run.workflow === workflow);
  const durations = new Map<string, number[]>();
  for (const run of same) {
    for (const [job, ms] of run.jobDurations) {
      const known = durations.get(job) ?? [];
      if (known.length < MOST_RUNS) durations.set(job, [...known, ms]);
    }
  }
  const jobs = new Map<string, { medianMs: number; mostMs: number }>();
  for (const [job, all] of durations) {
    if (all.length < LEAST_RUNS) continue;
    const sorted = all.toSorted((a, b) => a - b);
    jobs.set(job, {
      medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
      mostMs: sorted[Math.floor(sorted.length * 0.9)] ?? 0,
    });
  }
  return { runs: same.filter((run) => run.status === "success").length, jobs };
}

/** How long a job is expected to take; `undefined` when nothing is known. Unit: milliseconds. */
export function expectedMs(estimates: Estimates, jobId: JobId): number | undefined {
  return estimates.jobs.get(jobId)?.medianMs;
}

/** What a simulated run looks at. */
export interface TimeLeftInput {
  readonly view: RunView;
  readonly links: GraphLinks;
  readonly estimates: Estimates;
  /** How many jobs run at a time. */
  readonly workers: number;
  readonly nowMs: number;
}

/**
 * How long the run still takes: what can still run is put on free workers one
 * after the other. Jobs that cannot run any more count nothing.
 *
 * @returns Milliseconds; `undefined` when a job is not known well enough, or
 *   has gone beyond all that was seen.
 */
export function timeLeftMs(input: TimeLeftInput): number | undefined {
  const { view, links, estimates, nowMs } = input;
  const ends = new Map<string, number>();
  const free: number[] = [];
  for (const job of view.jobs) {
    if (
      job.status === "success" ||
      job.status === "failed" ||
      job.status === "cancelled" ||
      job.status === "skipped"
    ) {
      ends.set(job.jobId, 0);
      continue;
    }
    const known = estimates.jobs.get(job.jobId);
    if (known === undefined) return undefined;
    if (job.status !== "running") continue;
    const elapsed = nowMs - job.startedAtMs;
    const left = elapsed <= known.medianMs ? known.medianMs - elapsed : known.mostMs - elapsed;
    if (left < 0) return undefined;
    ends.set(job.jobId, left);
    free.push(left);
  }
  while (free.length < input.workers) free.push(0);
  let gate = 0;
  let last = Math.max(0, ...free);
  for (const stage of view.stages) {
    const jobs = view.jobs.slice(stage.firstJob, stage.firstJob + stage.counts.total);
    let stageEnd = gate;
    for (const job of jobs) {
      const known = ends.get(job.jobId);
      if (known !== undefined) {
        stageEnd = Math.max(stageEnd, known);
        continue;
      }
      const ready = Math.max(gate, ...(links.needs.get(job.jobId) ?? []).map((need) => ends.get(need) ?? 0));
      free.sort((a, b) => a - b);
      const start = Math.max(ready, free[0] ?? 0);
      const end = start + (estimates.jobs.get(job.jobId)?.medianMs ?? 0);
      free[0] = end;
      ends.set(job.jobId, end);
      stageEnd = Math.max(stageEnd, end);
      last = Math.max(last, end);
    }
    gate = stageEnd;
  }
  return last;
}

/** A time left as people say it: `~1m10s left`, `finishing`. Coarser the longer it is. */
export function timeLeftText(leftMs: number | undefined): string {
  if (leftMs === undefined) return "";
  const seconds = leftMs / 1000;
  if (seconds < 3) return "finishing";
  const step = seconds < 15 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 10 : 30;
  const rounded = Math.ceil(seconds / step) * step;
  return `~${writtenDuration(rounded * 1000)} left`;
}
