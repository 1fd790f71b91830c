import type { EventError } from "./event.ts";
import type { JobPlan } from "./run-plan.ts";

/** Why an attempt that reached the limit of its job was stopped. */
export function limitError({ jobId, timeoutMs }: Pick<JobPlan, "jobId" | "timeoutMs">): EventError {
  if (timeoutMs === undefined) throw new Error(`Job "${jobId}" has no limit that it could have reached`);
  return { code: "timeout", message: `The job ran longer than its limit of ${timeoutMs / 1000} s` };
}
