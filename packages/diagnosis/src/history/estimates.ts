import type { JobId } from "@loom/core";
import { simulateTimeline } from "../time/simulate-timeline.ts";
import type { Timeline } from "../time/timeline.ts";
import type { PastRun } from "./read-past-runs.ts";

/** How long jobs took, by earlier successes of the same workflow. */
export interface Estimates {
  /** How many runs that succeeded are behind it. */
  readonly runs: number;
  /** The median, and what nine of ten do not exceed. Milliseconds, by name. */
  readonly jobs: ReadonlyMap<string, { readonly medianMs: number; readonly mostMs: number }>;
}

/** Nothing is known. */
export const NO_ESTIMATES: Estimates = { runs: 0, jobs: new Map() };

/** So many earlier runs are needed before anything is promised, and so many are looked at. Source: docs/terminal.md#time-left. */
const LEAST_RUNS = 3;
const MOST_RUNS = 20;

/**
 * Estimates how long the jobs of a workflow take.
 *
 * @param runs - Newest first.
 * @param workflow - Path of its file, as {@link PastRun.workflow} has it.
 * @param leastRuns - How many successes of a job make an estimate. Default: 3, enough to promise something.
 */
export function estimatesFrom(
  runs: readonly PastRun[],
  workflow: string,
  leastRuns: number = LEAST_RUNS,
): Estimates {
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
    if (all.length < leastRuns) continue;
    const sorted = all.toSorted((a, b) => a - b);
    jobs.set(job, {
      medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
      mostMs: sorted[Math.floor(sorted.length * 0.9)] ?? 0,
    });
  }
  return { runs: same.filter((run) => run.status === "success").length, jobs };
}

/** How long a job usually takes, in milliseconds; `undefined` when nothing is known. */
export function expectedMs(estimates: Estimates, id: JobId): number | undefined {
  return estimates.jobs.get(id)?.medianMs;
}

/**
 * How long a run still takes: what is to come is played through the schedule
 * itself, with the durations that are usual.
 *
 * @returns Milliseconds; `undefined` when a job that is to come is not known
 *   well enough, or one that runs has gone beyond all that was seen.
 */
export function timeLeftMs(timeline: Timeline, estimates: Estimates): number | undefined {
  if (estimates.jobs.size === 0) return undefined;
  const byId = new Map(timeline.jobs.map((job) => [job.jobId, job]));
  const leftMs = (id: JobId): number | undefined => {
    const job = byId.get(id);
    if (job === undefined || job.endedMs !== undefined) return 0;
    const usual = estimates.jobs.get(id);
    const elapsed = job.startedMs === undefined ? 0 : timeline.durationMs - job.startedMs;
    if (usual === undefined || elapsed > usual.mostMs) return undefined;
    return (elapsed <= usual.medianMs ? usual.medianMs : usual.mostMs) - elapsed;
  };
  const { durationMs, jobs } = simulateTimeline(timeline, (id) => leftMs(id) ?? 0, timeline.concurrency);
  return jobs.some(({ jobId }) => leftMs(jobId) === undefined) ? undefined : durationMs;
}
