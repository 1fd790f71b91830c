import type { RunReader } from "@loom/artifacts";
import type { JobId, JobStateEvent, JobStatus, LoomEvent } from "@loom/core";

/** How far back in the pipeline's stream to go. */
const MAX_BYTES = 256 * 1024;

/** What the stream of a pipeline without an end says of its jobs. */
export interface UnfinishedJobs {
  readonly running: readonly JobId[];
  /** In the order in which they failed. */
  readonly failed: readonly JobId[];
  /** Time of the last change. */
  readonly lastChangeAt?: string;
}

/** Reads the last states of jobs from the end of the pipeline's stream. */
export async function readUnfinishedJobs(run: RunReader): Promise<UnfinishedJobs> {
  const query = { count: Number.MAX_SAFE_INTEGER, wanted: isJobState, maxBytes: MAX_BYTES };
  const tail = await run.tailStream("pipeline/events.jsonl", query);
  const states = new Map<JobId, JobStatus>();
  let lastChangeAt: string | undefined;
  if (tail.ok) {
    for (const { job_id: job, to, ts } of tail.value.records) {
      // Set anew, so that the order is that of the last change.
      states.delete(job);
      states.set(job, to);
      lastChangeAt = ts;
    }
  }
  const those = (status: JobStatus): JobId[] =>
    [...states].filter(([, is]) => is === status).map(([job]) => job);
  return {
    running: those("running"),
    failed: those("failed"),
    ...(lastChangeAt !== undefined && { lastChangeAt }),
  };
}

function isJobState(event: LoomEvent): event is JobStateEvent {
  return event.event === "job_state";
}
