import { openRun, type RunReader } from "@loom/artifacts";
import { err, ok, type LoomEvent, type Result, type StreamRef } from "@loom/core";
import type { LifecycleRecord } from "@loom/ports";
import { streamAt, type StreamPlace } from "@loom/record";
import { ViewModel } from "@loom/reporters/view";

/** A run read back from its folder. */
export interface RecordedRun {
  readonly model: ViewModel;
  /** Absolute. */
  readonly directory: string;
  /** Absolute; absent when it has none. */
  readonly receiptPath?: string;
}

/**
 * Reads a run back through the same model that follows one that happens. What
 * jobs printed is not read: that stays on disk until somebody looks at it.
 *
 * @param path - Absolute path of its directory or its receipt.
 */
export async function replayRecords(path: string): Promise<Result<RecordedRun, string>> {
  const opened = await openRun(path);
  if (!opened.ok) return err(opened.error.message);
  const reader = opened.value;
  const streams = await reader.streams();
  if (!streams.ok) return err(streams.error.message);
  const records: { readonly stream: StreamRef; readonly record: LifecycleRecord }[] = [];
  for (const streamPath of streams.value) {
    const place = streamAt(streamPath);
    if (place !== undefined && isToRead(place)) await readStream(reader, { streamPath, place }, records);
  }
  const inOrder = records.toSorted((a, b) => a.record.seq - b.record.seq);
  const model = new ViewModel();
  for (const { stream, record } of inOrder) model.record(stream, record);
  const { directory, receiptPath } = reader;
  return ok({ model, directory, ...(receiptPath !== undefined && { receiptPath }) });
}

type Kept = { readonly stream: StreamRef; readonly record: LifecycleRecord }[];

async function readStream(
  reader: RunReader,
  from: { readonly streamPath: string; readonly place: StreamPlace },
  records: Kept,
): Promise<void> {
  for await (const { result } of reader.readEvents(from.streamPath)) {
    // A torn line ends what can be known of this stream; `loom verify` says so.
    if (!result.ok || result.value.event === "output") continue;
    const record: Exclude<LoomEvent, { event: "output" }> = result.value;
    if (from.place.kind === "stream") records.push({ stream: from.place.stream, record });
    else if (
      (record.event === "phase_start" || record.event === "phase_finish") &&
      record.step !== undefined
    ) {
      // Whose step it is, the place says: a damaged record may name any job.
      records.push({ stream: { kind: "step", jobId: from.place.jobId, step: record.step }, record });
    }
  }
}

/** Steps are read from their mirror: their own streams are as long as what they printed. */
function isToRead(place: StreamPlace): boolean {
  return place.kind === "mirror" || (place.stream.kind !== "step" && place.attempt === undefined);
}
