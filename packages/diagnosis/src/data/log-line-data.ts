import type { LogLine } from "../log/log-line.ts";

/** A line of a log, as JSON for programs; `loom schema logs` has its schema. */
export function logLineData(line: LogLine): object {
  const { seq, ts, stream, level, text, partial } = line;
  return { seq, ts, ...logPlaceData(line), stream, level, text, partial };
}

/** Where a line was printed, as the JSON of lines says it. */
export function logPlaceData({ jobId, unit }: Pick<LogLine, "jobId" | "unit">): object {
  const place = unit.kind === "step" ? { step: unit.step, attempt: unit.attempt } : { section: unit.section };
  return { job_id: jobId, ...place };
}
