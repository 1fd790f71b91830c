import { countKey, type JobTally, type JobView } from "@loom/reporters/view";

/** How many of some jobs are in which state. */
export function tallyJobs(jobs: readonly JobView[]): JobTally {
  const counts = { ...NONE, total: jobs.length };
  for (const job of jobs) counts[countKey(job)] += 1;
  return counts;
}

const NONE: JobTally = {
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
