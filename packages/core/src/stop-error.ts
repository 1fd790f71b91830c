import type { EventError } from "./event.ts";
import type { AttemptStop } from "./job-state.ts";
import type { JobPlan } from "./run-plan.ts";
import { unreachable } from "./unreachable.ts";

/** Why an attempt that reached the limit of its job was stopped. */
export function limitError({ jobId, timeoutMs }: Pick<JobPlan, "jobId" | "timeoutMs">): EventError {
  if (timeoutMs === undefined) throw new Error(`Job "${jobId}" has no limit that it could have reached`);
  return { code: "timeout", message: `The job ran longer than its limit of ${timeoutMs / 1000} s` };
}

/** Why a step that reached its own limit was stopped. */
export function stepLimitError(step: number, timeoutMs: number): EventError {
  return { code: "timeout", message: `Step ${step} ran longer than its limit of ${timeoutMs / 1000} s` };
}

/** Why the job failed whose attempt was stopped; absent when it was not, or for the whole run. */
export function stopError(
  stop: AttemptStop | undefined,
  plan: Pick<JobPlan, "jobId" | "timeoutMs">,
): EventError | undefined {
  switch (stop) {
    case undefined:
    case "cancel":
      return undefined;
    case "timeout":
    case "timeout_then_cancel":
      return limitError(plan);
    case "request":
    case "request_then_cancel":
      return { code: "job_cancelled", message: "The job was cancelled on request" };
    default:
      return unreachable(stop);
  }
}
