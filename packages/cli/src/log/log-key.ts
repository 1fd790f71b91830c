import { jobId as asJobId, type JobId } from "@loom/core";
import { jobDirectory } from "@loom/record";

/** The key of the merged log of all jobs: the directory of the jobs, relative to that of the run. */
export const ALL_JOBS_KEY = "jobs";

/** The key of a whole job's log: its directory, relative to that of the run. */
export function jobLogKey(jobId: JobId): string {
  return jobDirectory(jobId).slice(0, -1);
}

/** The job whose whole log has this key; `undefined` for the log of a step or a section. */
export function jobOfLogKey(key: string): JobId | undefined {
  const [, job] = /^jobs\/([^/]+)$/.exec(key) ?? [];
  return job === undefined ? undefined : asJobId(job);
}
