import { isUtf8 } from "node:buffer";
import { unreachable, type StreamRef } from "@loom/core";
import { beginsAttempt } from "./begins-attempt.ts";
import type { TrueLine, TrueRecord } from "./truth.ts";

/** One stream as it should be on disk. */
export interface TrueStream {
  /** Relative to the run's directory. */
  readonly path: string;
  /** Its path before it is moved. */
  readonly before?: string;
  /** Whether it copies records of other streams. */
  readonly isMirror: boolean;
  readonly lines: { readonly seq: number; readonly text: string }[];
}

/** What a run's streams must contain, derived from its records alone. */
export function trueStreams(records: readonly TrueRecord[]): readonly TrueStream[] {
  const lastAttempt = new Map<string, number>();
  for (const { record } of records) {
    if (beginsAttempt(record)) lastAttempt.set(record.job_id ?? "", record.attempt ?? 1);
  }
  const attempts = new Map<string, number>();
  const streams = new Map<string, TrueStream>();
  const add = (place: Omit<TrueStream, "lines">, record: TrueRecord["record"]): void => {
    const stream = streams.get(place.path) ?? { ...place, lines: [] };
    streams.set(place.path, stream);
    stream.lines.push({ seq: record.seq, text: textOf(record) });
  };
  for (const { stream, record } of records) {
    if (beginsAttempt(record)) attempts.set(record.job_id ?? "", record.attempt ?? 1);
    const jobId = "jobId" in stream ? stream.jobId : "";
    const attempt = attempts.get(jobId) ?? 1;
    const isReplaced = attempt < (lastAttempt.get(jobId) ?? 1);
    add({ ...placeOf(stream, isReplaced ? attempt : undefined), isMirror: false }, record);
    if (isMirrored(stream, record)) {
      add({ path: `jobs/${jobId}/user/execution/events.jsonl`, isMirror: true }, record);
    }
  }
  return [...streams.values()];
}

function placeOf(
  stream: StreamRef,
  replaced: number | undefined,
): { readonly path: string; readonly before?: string } {
  switch (stream.kind) {
    case "run":
      return { path: "events.jsonl" };
    case "pipeline":
      return { path: "pipeline/events.jsonl" };
    case "job":
      return { path: `jobs/${stream.jobId}/events.jsonl` };
    case "section":
      return { path: `jobs/${stream.jobId}/system/${stream.section}/events.jsonl` };
    case "step": {
      const execution = `jobs/${stream.jobId}/user/execution`;
      const script = `script/${String(stream.step).padStart(2, "0")}/events.jsonl`;
      const path = `${execution}/${script}`;
      return replaced === undefined
        ? { path }
        : { path: `${execution}/attempts/${replaced}/${script}`, before: path };
    }
    default:
      return unreachable(stream);
  }
}

function isMirrored(stream: StreamRef, record: TrueRecord["record"]): boolean {
  if (record.event !== "phase_start" && record.event !== "phase_finish") return false;
  return stream.kind === "step" || (stream.kind === "job" && record.phase_code === "job.execution");
}

function textOf(record: TrueRecord["record"]): string {
  return JSON.stringify(record.event === "output" ? wireLine(record) : record);
}

function wireLine(line: TrueLine): object {
  const { seq, ts, event, stream, bytes, partial } = line;
  return {
    seq,
    ts,
    event,
    stream,
    text: Buffer.from(bytes).toString("utf8"),
    ...(partial && { partial: true }),
    ...(!isUtf8(bytes) && { lossy: true }),
  };
}
