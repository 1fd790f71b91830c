import { jobId, type JobId, type LoomEvent, type OutputEvent, type StreamRef } from "@loom/core";
import { fromWireTime } from "../time/wire-time.ts";

/** That a job is held after a step that failed. Moments are Unix time in milliseconds. */
export interface JobPause {
  /** The step, from 1. */
  readonly step: number;
  readonly sinceMs: number;
  /** When it fails if nobody says anything; absent where the record does not say. */
  readonly untilMs?: number;
}

/** What a record says of a job that is held from then on; `undefined` where it says no such thing. */
export function heldJob(
  stream: StreamRef,
  record: Exclude<LoomEvent, OutputEvent>,
): { readonly jobId: JobId; readonly pause: JobPause } | undefined {
  if (stream.kind !== "run" || record.event !== "log") return undefined;
  const { ts, job_paused: held, step, timeout_ms: timeoutMs } = record;
  if (typeof held !== "string") return undefined;
  const sinceMs = fromWireTime(ts);
  return {
    jobId: jobId(held),
    pause: {
      step: typeof step === "number" ? step : 1,
      sinceMs,
      ...(typeof timeoutMs === "number" && { untilMs: sinceMs + timeoutMs }),
    },
  };
}
