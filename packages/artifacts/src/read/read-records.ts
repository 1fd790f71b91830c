import { ok, type RecordedEvent, type Result } from "@loom/core";
import { recordedAt, streamAt, type StreamPlace } from "@loom/record";
import type { RunReader } from "./open-run.ts";
import type { ReadError } from "./read-error.ts";

/**
 * Reads what happened in a run, in the order of `seq`: all records but output.
 *
 * Of earlier attempts only the phases of the job itself come. What cannot be
 * read of a stream is left out; `readEvents` of the run tells of it.
 *
 * @returns Why its streams cannot be listed.
 */
export async function readRecords(run: RunReader): Promise<Result<readonly RecordedEvent[], ReadError>> {
  const streams = await run.streams();
  if (!streams.ok) return streams;
  const records: RecordedEvent[] = [];
  for (const path of streams.value) {
    const place = streamAt(path);
    if (place === undefined || !isToRead(place)) continue;
    for await (const { result } of run.readEvents(path)) {
      const recorded = result.ok ? recordedAt(place, result.value) : undefined;
      if (recorded !== undefined) records.push(recorded);
    }
  }
  return ok(records.sort((a, b) => a.record.seq - b.record.seq));
}

/** Steps are read from their mirror: their own streams are as long as what they printed. */
function isToRead(place: StreamPlace): boolean {
  return place.kind === "mirror" || (place.stream.kind !== "step" && place.attempt === undefined);
}
