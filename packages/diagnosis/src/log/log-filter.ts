import type { JoinOptions } from "@loom/artifacts";
import { unreachable, type LogEvent, type LoomEvent, type OutputEvent } from "@loom/core";
import type { LogLine, LogQuery } from "./log-line.ts";
import type { LogStream } from "./log-stream.ts";

/** A record that can be a line. */
export type LineEvent = OutputEvent | LogEvent;

/** Whether a record is one of the lines asked for. */
export function lineFilter(query: LogQuery): (event: LoomEvent) => event is LineEvent {
  const streams = query.streams === undefined ? undefined : new Set(query.streams);
  const matches = matcher(query.grep);
  const { since } = query;
  return (event): event is LineEvent => {
    if (since !== undefined && event.ts < since) return false;
    switch (event.event) {
      case "output":
        return (streams === undefined || streams.has(event.stream)) && matches(event.text);
      case "log":
        return (streams === undefined || streams.has("log")) && matches(event.message);
      case "phase_start":
      case "phase_finish":
      case "job_state":
        return false;
      default:
        return unreachable(event);
    }
  };
}

/** How the pieces of lines are put together. */
export function joinOptions({ raw }: LogQuery): JoinOptions {
  return raw === undefined ? {} : { raw };
}

/** A query whose job is known. */
export interface PlacedQuery extends LogQuery {
  /** The number of the attempt that none has replaced. */
  readonly lastAttempt?: number | undefined;
}

/** Whether a stream can hold lines asked for. */
export function wantsStream(query: PlacedQuery, { jobId, unit }: LogStream): boolean {
  if (query.job !== undefined && jobId !== query.job) return false;
  const { attempt, lastAttempt } = query;
  if (attempt !== undefined && unit.kind === "step" && (unit.attempt ?? lastAttempt) !== attempt)
    return false;
  return query.step === undefined || (unit.kind === "step" && unit.step === query.step);
}

/** The line that a record is. */
export function logLine({ jobId, unit }: Pick<LogStream, "jobId" | "unit">, event: LineEvent): LogLine {
  const { seq, ts } = event;
  return event.event === "output"
    ? {
        seq,
        ts,
        jobId,
        unit,
        stream: event.stream,
        text: event.text,
        ...(event.partial === true && { partial: true }),
      }
    : { seq, ts, jobId, unit, stream: "log", level: event.level, text: event.message };
}

function matcher(grep: LogQuery["grep"]): (text: string) => boolean {
  if (grep === undefined) return () => true;
  return typeof grep === "string" ? (text) => text.includes(grep) : (text) => grep.matches(text);
}
