import { countKey, noJobs, type JobTally, type JobView } from "@loom/reporters/view";

/** How many of some jobs are in which state. */
export function tallyJobs(jobs: readonly JobView[]): JobTally {
  const counts = noJobs();
  counts.total = jobs.length;
  for (const job of jobs) counts[countKey(job)] += 1;
  return counts;
}
