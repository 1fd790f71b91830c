import type { LoomEvent, RecordedEvent } from "@loom/core";
import { fromWireTime } from "../time/wire-time.ts";
import type { StreamPlace } from "./stream-at.ts";

/**
 * A record with the stream that it belongs to, by where it was read; `undefined`
 * for output, and for what a mirror repeats of anything but a step.
 *
 * The place decides which job a record belongs to: a damaged record may name any job.
 */
export function recordedAt(place: StreamPlace, record: LoomEvent): RecordedEvent | undefined {
  if (record.event === "output") return undefined;
  const atMs = fromWireTime(record.ts);
  if (place.kind === "stream") return { stream: place.stream, record, atMs };
  const isPhase = record.event === "phase_start" || record.event === "phase_finish";
  if (!isPhase || record.step === undefined) return undefined;
  return { stream: { kind: "step", jobId: place.jobId, step: record.step }, record, atMs };
}
