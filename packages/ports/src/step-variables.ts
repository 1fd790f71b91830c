import type { StepSpec } from "./provider.ts";

/**
 * The variables that a step has beside those of its job: `LOOM_STEP`, its number, and for one that follows the others
 * `LOOM_JOB_STATUS` and `CI_JOB_STATUS`. `CI_JOB_STATUS` spells the last of its words as GitLab does.
 */
export function stepVariables({
  step,
  jobStatus,
}: Pick<StepSpec, "step" | "jobStatus">): Record<string, string> {
  if (jobStatus === undefined) return { LOOM_STEP: String(step) };
  return {
    LOOM_STEP: String(step),
    LOOM_JOB_STATUS: jobStatus,
    CI_JOB_STATUS: jobStatus === "cancelled" ? "canceled" : jobStatus,
  };
}
