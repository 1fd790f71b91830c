import type { JobPlan } from "@loom/core";
import type { SimulationRun } from "../simulated-run.ts";

/** Whether the failure of a job is one that the pipeline goes on with. */
export function goesOnAfter(run: SimulationRun, { jobId, allowFailure }: JobPlan): boolean {
  if (typeof allowFailure === "boolean") return allowFailure;
  const [last] = run.records
    .flatMap(({ record, stream }) =>
      record.event === "phase_finish" &&
      record.phase_code === "job.execution" &&
      stream.kind === "job" &&
      record.job_id === jobId
        ? [record]
        : [],
    )
    .toReversed();
  return last?.status === "failed" && allowFailure.exit_codes.some((code) => code === last.exit_code);
}
