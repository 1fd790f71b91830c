import { mkdirSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeEvent, writeDocument } from "@loom/artifacts";
import type { JobId } from "@loom/core";
import { executionStreamPath } from "@loom/record";
import type { PastEvent, ReadRun } from "./past-run.ts";

/**
 * Makes the streams of a run ones that can be continued: takes unfinished last
 * lines off, and makes the mirrors those of the records that are there.
 *
 * @throws The operating system's error.
 */
export function repairStreams(directory: string, past: ReadRun): void {
  for (const { path, wholeBytes } of past.torn) truncateSync(join(directory, path), wholeBytes);
  for (const [job, events] of mirroredEvents(past.records)) {
    const there = past.mirrors.get(job);
    if (there?.length === events.length && events.every(({ record }, index) => record.seq === there[index]))
      continue;
    const path = join(directory, executionStreamPath(job));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const refused = writeDocument(path, events.map(({ record }) => `${encodeEvent(record)}\n`).join(""));
    if (refused !== undefined) throw refused;
  }
}

/** The envelope of each execution and the boundaries of its steps. */
function mirroredEvents(records: readonly PastEvent[]): ReadonlyMap<JobId, readonly PastEvent[]> {
  const byJob = new Map<JobId, PastEvent[]>();
  for (const event of records) {
    const { stream, record } = event;
    if (record.event !== "phase_start" && record.event !== "phase_finish") continue;
    if (stream.kind !== "step" && !(stream.kind === "job" && record.phase_code === "job.execution")) continue;
    const events = byJob.get(stream.jobId) ?? [];
    events.push(event);
    byJob.set(stream.jobId, events);
  }
  return byJob;
}
