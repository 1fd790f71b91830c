import { appendFileSync, mkdirSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeEvent, executionStreamPath } from "@loom/artifacts";
import type { JobId } from "@loom/core";
import type { PastEvent, PastRun } from "./past-run.ts";

/**
 * Makes the streams of a run ones that can be continued: takes unfinished last
 * lines off, and adds to the mirrors what was not written there any more.
 *
 * @throws The operating system's error.
 */
export function repairStreams(directory: string, past: PastRun): void {
  for (const { path, wholeBytes } of past.torn) truncateSync(join(directory, path), wholeBytes);
  for (const [job, events] of mirroredEvents(past.records)) {
    const there = new Set(past.mirrors.get(job));
    const missing = events.filter(({ record }) => !there.has(record.seq));
    if (missing.length === 0) continue;
    const path = join(directory, executionStreamPath(job));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, missing.map(({ record }) => `${encodeEvent(record)}\n`).join(""), { mode: 0o600 });
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
