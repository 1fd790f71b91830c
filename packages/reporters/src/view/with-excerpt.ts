import type { RunEnd } from "@loom/ports";
import type { JobView } from "./run-view.ts";

/** A job as it is shown at the end of a run: with the lines that tell why it failed in place of its last ones, where they are known. */
export function withExcerpt(job: JobView, { excerpts }: Pick<RunEnd, "excerpts">): JobView {
  const lines = job.status === "failed" ? excerpts?.get(job.jobId) : undefined;
  return job.status === "failed" && lines !== undefined
    ? { ...job, failure: { ...job.failure, lines } }
    : job;
}
