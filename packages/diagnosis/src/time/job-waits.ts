import type { JobId } from "@loom/core";
import type { JobTimes, Timeline } from "./timeline.ts";

/** What a job waited for before it started. */
export interface JobWait {
  /** `need`: a job that it needs; `stage`: a job of an earlier stage; `slot`: a job to end, whatever it was, so that a slot was free. */
  readonly kind: "need" | "stage" | "slot";
  /** The job that ended the wait; absent when no job did. */
  readonly jobId?: JobId;
  /** Milliseconds that this wait was the last thing in the way. */
  readonly waitedMs: number;
}

/** What every job that started waited for: first its last gate, then a slot. Waits of 0 ms are left out. */
export interface JobWaits {
  readonly gate?: JobWait;
  readonly slot?: JobWait;
}

/** A job that ran, with its times. */
export type RanJob = JobTimes & { readonly startedMs: number };

/** Whether a job was started. */
export function hasRun(job: JobTimes): job is RanJob {
  return job.startedMs !== undefined;
}

/**
 * Finds what the jobs of a run waited for. O(jobs + needs), and the order of the ends.
 *
 * A job waits for its gates from the start of the pipeline, and the gate that
 * opened last is the one it waited for. From then on it waits for a slot.
 */
export function jobWaits(timeline: Timeline): ReadonlyMap<JobId, JobWaits> {
  const byId = new Map(timeline.jobs.map((job) => [job.jobId, job]));
  const lastBefore = lastOfEarlierStages(timeline);
  const ends = timeline.jobs
    .filter(hasRun)
    .filter(hasEnded)
    .sort((a, b) => a.endedMs - b.endedMs);
  const waits = new Map<JobId, JobWaits>();
  for (const job of timeline.jobs) {
    if (!hasRun(job)) continue;
    const readyMs = job.readyMs ?? job.startedMs;
    const slotMs = job.startedMs - readyMs;
    const stage = job.gate === "needs" ? undefined : lastBefore.get(job.stage);
    const gate = readyMs > 0 ? gateOf(job, { byId, stage, readyMs }) : undefined;
    const freed = slotMs > 0 ? lastEndBy(ends, job.startedMs) : undefined;
    waits.set(job.jobId, {
      ...(gate !== undefined && { gate }),
      ...(slotMs > 0 && {
        slot: { kind: "slot", waitedMs: slotMs, ...(freed !== undefined && { jobId: freed.jobId }) },
      }),
    });
  }
  return waits;
}

function gateOf(
  job: RanJob,
  from: {
    readonly byId: ReadonlyMap<JobId, JobTimes>;
    readonly stage: JobTimes | undefined;
    readonly readyMs: number;
  },
): JobWait | undefined {
  let need: JobTimes | undefined;
  for (const id of job.needs) need = later(need, from.byId.get(id));
  const last = later(need, from.stage);
  if (last === undefined) return undefined;
  return { kind: last === need ? "need" : "stage", jobId: last.jobId, waitedMs: from.readyMs };
}

/** For every stage, the job of all earlier ones that ended last. Skipped jobs end with what decided them. */
function lastOfEarlierStages({ stages, jobs }: Timeline): ReadonlyMap<string, JobTimes | undefined> {
  const lastOf = new Map<string, JobTimes>();
  for (const job of jobs) {
    const last = later(lastOf.get(job.stage), job);
    if (last !== undefined) lastOf.set(job.stage, last);
  }
  const before = new Map<string, JobTimes | undefined>();
  let last: JobTimes | undefined;
  for (const stage of stages) {
    before.set(stage, last);
    last = later(last, lastOf.get(stage));
  }
  return before;
}

/** The one that ran and ended later; the first of two that ended together. */
function later(a: JobTimes | undefined, b: JobTimes | undefined): JobTimes | undefined {
  if (b?.endedMs === undefined || b.startedMs === undefined) return a;
  return a?.endedMs === undefined || b.endedMs > a.endedMs ? b : a;
}

function hasEnded(job: RanJob): job is RanJob & { readonly endedMs: number } {
  return job.endedMs !== undefined;
}

/** The last job that had ended at a moment; `ends` are in the order of their ends. */
function lastEndBy(
  ends: readonly (RanJob & { readonly endedMs: number })[],
  atMs: number,
): RanJob | undefined {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle]?.endedMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return ends[low - 1];
}
