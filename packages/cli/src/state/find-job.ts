import type { JobId } from "@loom/core";
import { countKey, type CountKey, type JobView } from "@loom/reporters/view";

/** Starts a search by state: `:failed`. */
const BY_STATE = ":";

/** The name of each state in a search. */
const STATE_WORDS: { readonly [K in CountKey]: string } = {
  waiting: "waiting",
  queued: "queued",
  running: "running",
  held: "held",
  success: "success",
  failed: "failed",
  failedAllowed: "failed",
  blocked: "blocked",
  skipped: "skipped",
  notSelected: "skipped",
  kept: "kept",
  cancelled: "cancelled",
};

/**
 * Finds a job by a part of its name, ignoring case; or, after a `:`, by the start of its state.
 *
 * @param from - Index of the first job to check. The search wraps around.
 * @param direction - 1 searches forwards, -1 backwards.
 */
export function findJob(
  jobs: readonly JobView[],
  text: string,
  { from, direction }: { readonly from: number; readonly direction: 1 | -1 },
): JobId | undefined {
  const wanted = text.toLowerCase();
  const { length } = jobs;
  for (let step = 0; step < length; step += 1) {
    const job = jobs[(((from + direction * step) % length) + length) % length];
    if (job !== undefined && isWanted(job, wanted)) return job.jobId;
  }
  return undefined;
}

function isWanted(job: JobView, wanted: string): boolean {
  return wanted.startsWith(BY_STATE)
    ? STATE_WORDS[countKey(job)].startsWith(wanted.slice(BY_STATE.length))
    : job.jobId.toLowerCase().includes(wanted);
}
