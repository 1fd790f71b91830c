import type { JobId, RunPlan } from "@loom/core";
import { elementAt } from "./element-at.ts";
import { longestPaths } from "./longest-paths.ts";
import { planGraph } from "./plan-graph.ts";

/**
 * How long the longest way from the start of each job to the end of the graph is.
 *
 * A way leads from a job to one that waits for it: because it needs it, or because it is of a later stage. Its
 * length is the sum of the weights on it, the job's own included, in the unit of `plan.weights` (1 where a job has
 * none). The whole graph counts, whatever `plan.selected` says. O(jobs + needs).
 *
 * @returns In declaration order.
 * @throws When the plan names what it does not hold or its needs form a cycle: a bug of the caller.
 */
export function remainingPaths(plan: RunPlan): ReadonlyMap<JobId, number> {
  const lengths = longestPaths(plan, planGraph(plan));
  return new Map(plan.jobs.map(({ jobId }, job) => [jobId, elementAt(lengths, job)]));
}
