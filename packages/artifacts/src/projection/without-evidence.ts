import type { EventError, RunResult } from "@loom/core";

/** What documents say of a run whose evidence could not all be written: that it is no success. */
export function withoutEvidence(outcome: RunResult, error: EventError): RunResult {
  if (outcome.status !== "success") return outcome;
  return { status: "failure", exitCode: 1, error, failedJobIds: outcome.failedJobIds };
}
