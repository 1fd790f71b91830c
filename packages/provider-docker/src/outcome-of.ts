import type { EventError, PhaseOutcome, Result } from "@loom/core";

/** How the section of some work ends. */
export function outcomeOf(result: Result<unknown, EventError>): PhaseOutcome {
  if (result.ok) return { status: "success" };
  const { error } = result;
  return error.code === "cancelled" ? { status: "cancelled" } : { status: "failed", error };
}
