import type { PastRecord } from "@loom/artifacts";
import type { PastEvent, ReadRun } from "./past-run.ts";

/** What the streams hold, as a resumed recorder takes it: a step's output stands before its finish. */
export function* pastItems({ records, outputs }: ReadRun): Generator<PastRecord> {
  const told = new Set<string>();
  for (const event of records) {
    if (finishesStep(event)) {
      told.add(event.path);
      yield* outputOf(event.path);
    }
    yield { kind: "record", stream: event.stream, record: event.record };
  }
  for (const path of outputs.keys()) {
    if (!told.has(path)) yield* outputOf(path);
  }

  function* outputOf(path: string): Generator<PastRecord> {
    const output = outputs.get(path);
    if (output !== undefined) yield { kind: "output", ...output };
  }
}

function finishesStep({ stream, record }: PastEvent): boolean {
  return stream.kind === "step" && record.event === "phase_finish";
}
