import { unreachable, type LoomEvent, type StreamRef } from "@loom/core";

/**
 * A record as it stands where all streams are merged: with what the name of its
 * stream tells, so that the record need not. That is the job and the step or
 * section of output, and of what is logged in a section.
 */
export function mergedRecord(stream: StreamRef, record: LoomEvent): object {
  const isPlaced = record.event === "output" || (record.event === "log" && stream.kind === "section");
  if (!isPlaced) return record;
  const { seq, ts, event, ...rest } = record;
  return { seq, ts, event, ...placeOf(stream), ...rest };
}

function placeOf(stream: StreamRef): object {
  switch (stream.kind) {
    case "step":
      return { job_id: stream.jobId, step: stream.step };
    case "section":
      return { job_id: stream.jobId, section: stream.section };
    case "job":
      return { job_id: stream.jobId };
    case "run":
    case "pipeline":
      return {};
    default:
      return unreachable(stream);
  }
}
