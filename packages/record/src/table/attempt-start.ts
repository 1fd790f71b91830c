import type { LoomEvent, OutputEvent, StreamRef } from "@loom/core";

/** That an attempt at a job begins. */
export interface AttemptStart {
  /** From 1. */
  readonly attempt: number;
  /** The step that it begins at, where it goes on with what the attempt before it has; absent: all over. */
  readonly fromStep?: number;
}

/** What a record says of an attempt that begins; `undefined` where none does. */
export function attemptStart(
  stream: StreamRef,
  record: Exclude<LoomEvent, OutputEvent>,
): AttemptStart | undefined {
  if (stream.kind !== "job" || record.event !== "phase_start") return undefined;
  const { phase_code: phase, attempt = 1, from_step: fromStep } = record;
  if (phase === "job.provider_prepare") return { attempt };
  return phase === "job.execution" && fromStep !== undefined ? { attempt, fromStep } : undefined;
}
