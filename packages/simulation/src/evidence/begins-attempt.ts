import type { PhaseStartEvent } from "@loom/core";
import type { TrueRecord } from "./truth.ts";

/** Whether an attempt at a job begins: it is set up, or goes on from a step with what the one before it has. */
export function beginsAttempt(
  record: TrueRecord["record"],
): record is PhaseStartEvent & { readonly phase_code: "job.provider_prepare" | "job.execution" } {
  if (record.event !== "phase_start" || record.section !== undefined) return false;
  const { phase_code: phase, from_step: fromStep } = record;
  return phase === "job.provider_prepare" || (phase === "job.execution" && fromStep !== undefined);
}
