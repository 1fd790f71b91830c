import type { StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RecordSink } from "@loom/ports";
import { PlayedRun } from "../scripted/played-run.ts";

/** One call of a sink. */
export type Given =
  | { readonly kind: "record"; readonly stream: StreamRef; readonly record: LifecycleRecord }
  | { readonly kind: "lines"; readonly stream: StreamRef; readonly batch: LineBatch };

/** What a script gives to a sink, in order; its flushes left out. */
export function givenBy(play: (run: PlayedRun) => void): readonly Given[] {
  const given: Given[] = [];
  play(
    new PlayedRun({
      record: (stream, record) => void given.push({ kind: "record", stream, record }),
      lines: (stream, batch) => void given.push({ kind: "lines", stream, batch }),
      flush: () => undefined,
    }),
  );
  return given;
}

/** Gives it to a sink, with a flush after each record, as the engine does. */
export function giveTo(sink: RecordSink, given: readonly Given[]): void {
  for (const call of given) {
    if (call.kind === "lines") sink.lines(call.stream, call.batch);
    else {
      sink.record(call.stream, call.record);
      sink.flush();
    }
  }
}
