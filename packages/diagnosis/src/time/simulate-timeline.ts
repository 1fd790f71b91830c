import type { JobId, JobResult, RunPlan } from "@loom/core";
import { simulatedJobPlan, simulateSchedule, type SimulatedRun } from "./simulate-schedule.ts";
import type { JobTimes, Timeline } from "./timeline.ts";

/** Weight of a job that runs: it keeps its slot, whatever else is ready. */
const HAS_A_SLOT = 1e12;

/**
 * Plays the jobs of a run through its schedule again, with other durations.
 * Those that ended end as they did; those that run begin at once.
 *
 * @param durationMs - How long a job takes, in milliseconds.
 * @param slots - How many jobs run at a time, 1 or more; `Infinity` for no limit.
 */
export function simulateTimeline(
  timeline: Timeline,
  durationMs: (id: JobId) => number,
  slots: number,
): SimulatedRun {
  const byId = new Map(timeline.jobs.map((job) => [job.jobId, job]));
  const weightOf = ({ jobId, status }: JobTimes): number =>
    status === "running" ? HAS_A_SLOT : Math.max(1, durationMs(jobId));
  const plan: RunPlan = {
    stages: timeline.stages,
    jobs: timeline.jobs.map(simulatedJobPlan),
    concurrency: timeline.concurrency,
    failFast: timeline.failFast,
    ...(timeline.selected !== undefined && { selected: timeline.selected }),
    weights: new Map(timeline.jobs.map((job) => [job.jobId, weightOf(job)])),
  };
  return simulateSchedule(plan, { durationMs, result: (id) => resultOf(byId.get(id)) }, slots);
}

function resultOf(job: JobTimes | undefined): JobResult {
  if (job?.status !== "failed") return { status: "success" };
  return {
    status: "failed",
    blocking: !job.allowFailure,
    cause: "failure",
    error: { code: "unknown", message: "It failed" },
  };
}
