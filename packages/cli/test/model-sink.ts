import type { RecordSink } from "@loom/ports";
import type { ViewModel } from "../src/view/view-model.ts";

/** A model as one who is told of a run. */
export function modelSink(model: ViewModel): RecordSink {
  return {
    record: (stream, record) => model.record(stream, record),
    lines: (stream, batch) => model.lines(stream, batch),
    flush: () => undefined,
  };
}
