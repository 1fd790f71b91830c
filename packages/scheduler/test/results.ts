import type { JobResult, ScheduleDecision } from "@loom/core";

const FAILURE = {
  status: "failed",
  cause: "failure",
  error: { code: "exit_code", message: "the script ended with 1" },
} as const;

export const SUCCEEDED: JobResult = { status: "success" };
export const FAILED: JobResult = { ...FAILURE, blocking: true };
export const TOLERATED: JobResult = { ...FAILURE, blocking: false };
export const CANCELLED: JobResult = { status: "cancelled" };

/** The result a caller settles a job with that the schedule has decided to skip. */
export function skipped(decision: ScheduleDecision & { kind: "skip" }): JobResult {
  return { status: "skipped", reason: decision.reason, blockedBy: decision.blockedBy };
}
