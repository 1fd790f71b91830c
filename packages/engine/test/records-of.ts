import type { RecordedEvent } from "@loom/core";
import type { RecordingSink } from "@loom/testkit";

/** What a sink was told, as a replay takes it. */
export function recordsOf(sink: RecordingSink): readonly RecordedEvent[] {
  return sink.records.flatMap(({ in: from, record }) => {
    if (record.event === "output") return [];
    const [kind = "", id = "", rest = ""] = from.split(" ");
    const stream = {
      kind,
      jobId: id,
      ...(kind === "step" ? { step: Number(rest) } : { section: rest }),
    } as never;
    return [{ stream, record, atMs: Date.parse(record.ts) as never }];
  });
}
