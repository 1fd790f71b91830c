import type { RunReader } from "@loom/artifacts";
import type { JobId, JobStateEvent, LoomEvent } from "@loom/core";
import { RunTable } from "@loom/record";

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
  const table = new RunTable();
  let lastChangeAt: string | undefined;
  for (const record of tail.ok ? tail.value.records : []) {
    if (table.record({ kind: "pipeline" }, record) !== undefined) lastChangeAt = record.ts;
  }
  return {
    running: table.rows().flatMap(({ jobId, status }) => (status === "running" ? [jobId] : [])),
    failed: table.endedIds.filter((id) => table.row(id)?.status === "failed"),
    ...(lastChangeAt !== undefined && { lastChangeAt }),
  };
}

function isJobState(event: LoomEvent): event is JobStateEvent {
  return event.event === "job_state";
}
