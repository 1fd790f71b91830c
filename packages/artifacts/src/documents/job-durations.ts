import type { JobId } from "@loom/core";
import type { Receipt } from "./receipt.ts";

/** How long the jobs took that succeeded, in milliseconds. */
export function jobDurations({
  executor_receipt: { jobs },
}: Pick<Receipt, "executor_receipt">): ReadonlyMap<JobId, number> {
  return new Map(
    jobs.flatMap(({ job_id: id, status, duration_ms: ms }) =>
      status === "success" && ms !== undefined ? [[id, ms]] : [],
    ),
  );
}
