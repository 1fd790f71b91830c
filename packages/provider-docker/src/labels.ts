import type { JobId, RunId } from "@loom/core";

/** By what everything that a run makes is found again. */
const RUN_LABEL = "loom.run";
const JOB_LABEL = "loom.job";

/** The labels of what is made for a job. */
export function labelsOf(runId: RunId, jobId: JobId): Readonly<Record<string, string>> {
  return { [RUN_LABEL]: runId, [JOB_LABEL]: jobId };
}

/** A filter for lists of the engine: only what is of this run. */
export function ofRun(runId: RunId): { readonly label: string[] } {
  return { label: [`${RUN_LABEL}=${runId}`] };
}
