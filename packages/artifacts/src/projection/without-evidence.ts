import type { EventError, RunResult } from "@loom/core";

/** What documents say about a run whose evidence is incomplete: that it is not a success. */
export function withoutEvidence(outcome: RunResult, error: EventError): RunResult {
  if (outcome.status !== "success") return outcome;
  return { status: "failure", exitCode: 1, error, failedJobIds: outcome.failedJobIds };
}
