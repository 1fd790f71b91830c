import type { JobId } from "@loom/core";
import { hasRun, jobWaits, type JobWait, type RanJob } from "./job-waits.ts";
import { mostAtOnce } from "./most-at-once.ts";
import { simulateTimeline } from "./simulate-timeline.ts";
import type { Timeline } from "./timeline.ts";

/** How many waits a report names. */
const WAITS = 5;

/** A job on the critical path. */
export interface CriticalJob {
  readonly jobId: JobId;
  /** From the start of the pipeline. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** What it started after: the job before it on the path. Absent for the first. */
  readonly after?: JobWait["kind"];
}

/** A wait with the job that waited. */
export interface LongWait extends JobWait {
  readonly waiting: JobId;
}

/** What another number of slots would have meant. */
export interface SlotForecast {
  /** Absent: no limit. */
  readonly slots?: number;
  readonly durationMs: number;
  /** Milliseconds less than the run took; below 0 for more. */
  readonly savedMs: number;
}

/** Where the time of a run went. */
export interface TimeReport {
  readonly durationMs: number;
  readonly jobsRun: number;
  /** Sum of the durations of all jobs. */
  readonly workMs: number;
  readonly slots: number;
  /** How many jobs ran at once at most. */
  readonly busiestSlots: number;
  /** Share of the slots' time that was used, 0 to 1. */
  readonly utilisation: number;
  /** The jobs that each held up the next, first to last: no shorter run without changing one of them or what they wait for. */
  readonly criticalPath: readonly CriticalJob[];
  /** The longest waits for a slot, longest first. */
  readonly slotWaits: readonly LongWait[];
  /** The longest waits for a gate, longest first. */
  readonly gateWaits: readonly LongWait[];
  /**
   * What the same slots (started in the best order now known), twice the slots and no limit would have meant, by the
   * schedule itself and the measured durations. Empty when no job waited for a slot.
   */
  readonly forecasts: readonly SlotForecast[];
}

/**
 * Says where the time of a run went.
 *
 * Pure; also for a run that goes on, as far as it is.
 */
export function timeReport(timeline: Timeline): TimeReport {
  const ran = timeline.jobs.filter(hasRun);
  const waits = jobWaits(timeline);
  const { durationMs, concurrency: slots } = timeline;
  const workMs = ran.reduce((sum, job) => sum + durationOf(job, durationMs), 0);
  const named = (kind: "gate" | "slot"): readonly LongWait[] =>
    ran
      .flatMap((job) => {
        const wait = waits.get(job.jobId)?.[kind];
        return wait === undefined ? [] : [{ ...wait, waiting: job.jobId }];
      })
      .sort((a, b) => b.waitedMs - a.waitedMs)
      .slice(0, WAITS);
  const slotWaits = named("slot");
  return {
    durationMs,
    jobsRun: ran.length,
    workMs,
    slots,
    busiestSlots: mostAtOnce(ran.map((job) => ({ startMs: job.startedMs, endMs: endOf(job, durationMs) }))),
    utilisation: durationMs === 0 ? 0 : Math.min(1, workMs / (durationMs * slots)),
    criticalPath: criticalPath(timeline),
    slotWaits,
    gateWaits: named("gate"),
    forecasts: slotWaits.length === 0 ? [] : forecasts(timeline),
  };
}

/**
 * The jobs that each held up the next, first to last.
 *
 * Goes back from the job that ended last: to the job that gave it its slot when
 * it waited for one, else to the job that opened its last gate.
 */
export function criticalPath(timeline: Timeline): readonly CriticalJob[] {
  const waits = jobWaits(timeline);
  const byId = new Map(timeline.jobs.filter(hasRun).map((job) => [job.jobId, job]));
  let job: RanJob | undefined;
  for (const each of byId.values()) {
    if (job === undefined || endOf(each, timeline.durationMs) > endOf(job, timeline.durationMs)) job = each;
  }
  const path: CriticalJob[] = [];
  const seen = new Set<JobId>();
  while (job !== undefined && !seen.has(job.jobId)) {
    seen.add(job.jobId);
    const { gate, slot } = waits.get(job.jobId) ?? {};
    const before: JobWait | undefined = slot?.jobId === undefined ? gate : slot;
    const previous: RanJob | undefined = before?.jobId === undefined ? undefined : byId.get(before.jobId);
    const { jobId, startedMs } = job;
    const durationMs = durationOf(job, timeline.durationMs);
    path.push({
      jobId,
      startedMs,
      durationMs,
      ...(before !== undefined && previous !== undefined && { after: before.kind }),
    });
    job = previous;
  }
  return path.reverse();
}

function endOf(job: RanJob, nowMs: number): number {
  return job.endedMs ?? nowMs;
}

function durationOf(job: RanJob, nowMs: number): number {
  return Math.max(0, endOf(job, nowMs) - job.startedMs);
}

function forecasts(timeline: Timeline): readonly SlotForecast[] {
  const byId = new Map(timeline.jobs.map((job) => [job.jobId, job]));
  const tookMs = (id: JobId): number => {
    const job = byId.get(id);
    return job !== undefined && hasRun(job) ? durationOf(job, timeline.durationMs) : 0;
  };
  const { concurrency, durationMs } = timeline;
  return [concurrency, concurrency * 2, Number.POSITIVE_INFINITY].map((slots) => {
    const forecastMs = simulateTimeline(timeline, tookMs, slots).durationMs;
    return {
      ...(Number.isFinite(slots) && { slots }),
      durationMs: forecastMs,
      savedMs: durationMs - forecastMs,
    };
  });
}
