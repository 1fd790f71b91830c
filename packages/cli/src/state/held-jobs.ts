import type { JobId } from "@loom/core";
import type { JobView, RunningJobView, RunView } from "@loom/reporters/view";

/** A job that is held after a step that failed, and waits for somebody to say how it goes on. */
export type HeldJob = RunningJobView & Required<Pick<RunningJobView, "paused">>;

/** Whether a job is held. */
export function isHeld(job: JobView | undefined): job is HeldJob {
  return job?.status === "running" && job.paused !== undefined;
}

/** The jobs that are held, in the order of the run. O(jobs) only if there are some. */
export function heldJobs({ counts, jobs }: RunView): readonly HeldJob[] {
  return counts.held === 0 ? NO_JOBS : jobs.filter(isHeld);
}

/** The job with this name, if it is held. */
export function heldJobOf(view: RunView, id: JobId): HeldJob | undefined {
  return heldJobs(view).find(({ jobId }) => jobId === id);
}

const NO_JOBS: readonly HeldJob[] = [];
