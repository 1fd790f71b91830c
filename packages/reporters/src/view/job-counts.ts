import { unreachable } from "@loom/core";
import type { JobTally, JobView } from "./run-view.ts";

/** The member of `JobTally` that a job is counted in. */
export type CountKey = Exclude<keyof JobTally, "total">;

/** Counts that one owner changes. */
export type MutableCounts = { -readonly [K in keyof JobTally]: JobTally[K] };

/** Counts of no jobs, to count on: each call gives its own. */
export function noJobs(): MutableCounts {
  return {
    total: 0,
    waiting: 0,
    queued: 0,
    running: 0,
    held: 0,
    success: 0,
    failed: 0,
    failedAllowed: 0,
    blocked: 0,
    skipped: 0,
    notSelected: 0,
    kept: 0,
    cancelled: 0,
  };
}

/** Where a job counts. */
export function countKey(job: JobView): CountKey {
  switch (job.status) {
    case "pending":
      // As it will be, unless somebody asks for it.
      return job.waits === true ? "skipped" : "waiting";
    case "ready":
      return "queued";
    case "running":
      return job.paused === undefined ? "running" : "held";
    case "success":
    case "cancelled":
      return job.status;
    case "failed":
      return job.blocking ? "failed" : "failedAllowed";
    case "skipped":
      return job.keptFrom === undefined ? skippedKey(job.reason) : "kept";
    default:
      return unreachable(job);
  }
}

/** How many jobs have ended, those left out on the command line and those kept from an earlier run not counted. */
export function endedCount(counts: JobTally): number {
  return (
    counts.success + counts.failed + counts.failedAllowed + counts.blocked + counts.skipped + counts.cancelled
  );
}

/** How many jobs the run is about: all but those left out on the command line and those kept from an earlier run. */
export function selectedCount(counts: JobTally): number {
  return counts.total - counts.notSelected - counts.kept;
}

function skippedKey(reason: Extract<JobView, { status: "skipped" }>["reason"]): CountKey {
  switch (reason) {
    case "upstream_failed":
    case "stage_blocked":
      return "blocked";
    case "condition_not_met":
    case "bootstrap_failed":
    case "manual":
      return "skipped";
    case "not_selected":
      return "notSelected";
    default:
      return unreachable(reason);
  }
}
