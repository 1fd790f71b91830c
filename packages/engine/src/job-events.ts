import type { JobEvents } from "./job-host.ts";
import type { RecordStream } from "./record-stream.ts";

/** Where the jobs of a run tell what happens: its records, and who hears of reports. */
export function jobEvents(records: RecordStream, report: JobEvents["report"]): JobEvents {
  return {
    report,
    log: (stream, level, message, facts) => records.log(stream, level, message, facts),
    lines: (stream, output, found) => records.lines(stream, output, found),
    flush: () => records.flush(),
    batch: (work) => records.batch(work),
    drained: () => records.drained(),
  };
}
