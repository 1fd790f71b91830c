import { jobId, type JobResult, type JobSchedule, type ScheduleDecision } from "@loom/core";
import { skipped } from "./results.ts";

/**
 * Settles a job and every skip that follows from it.
 *
 * @returns One line for each decision, in the order they were made: `deploy ready`, or
 *   `deploy skip upstream_failed [build]`.
 */
export function settleAll(schedule: JobSchedule, name: string, result: JobResult): string[] {
  return followed(schedule, schedule.settle(jobId(name), result));
}

/** Begins and settles every skip that follows from it. Answers like `settleAll`. */
export function beginAll(schedule: JobSchedule): string[] {
  return followed(schedule, schedule.begin());
}

/** Takes until nothing is ready. */
export function takeAll(schedule: JobSchedule): string[] {
  const taken: string[] = [];
  for (let next = schedule.take(); next !== undefined; next = schedule.take()) taken.push(next);
  return taken;
}

/** Decisions as lines, without settling anything. */
export function linesOf(decisions: readonly ScheduleDecision[]): string[] {
  return decisions.map((decision) =>
    decision.kind === "ready"
      ? `${decision.jobId} ready`
      : `${decision.jobId} skip ${decision.reason} [${decision.blockedBy.join(", ")}]`,
  );
}

function followed(schedule: JobSchedule, decisions: readonly ScheduleDecision[]): string[] {
  const all = [...decisions];
  for (const decision of all) {
    if (decision.kind === "skip") all.push(...schedule.settle(decision.jobId, skipped(decision)));
  }
  return linesOf(all);
}
