import type { RunReader } from "@loom/artifacts";
import type { JobId, LogEvent, LoomEvent } from "@loom/core";
import { streamPath } from "@loom/record";

/** Jobs that may have been asked to end in one run before this is not looked for further. */
const STOPS = 1000;

/**
 * The record with which Loom last asked a job to end; `undefined`
 * where it did not, or where the evidence was written before that was recorded.
 */
export async function readStop(run: RunReader, jobId: JobId): Promise<LogEvent | undefined> {
  const stops = await run.tailStream(streamPath({ kind: "run" }), {
    count: STOPS,
    wanted: isStop,
    contains: '"asked_to_end"',
  });
  return stops.ok ? stops.value.records.findLast((record) => record["job_id"] === jobId) : undefined;
}

function isStop(event: LoomEvent): event is LogEvent {
  return event.event === "log" && event["asked_to_end"] !== undefined;
}
