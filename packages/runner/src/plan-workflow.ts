import type { Result } from "@loom/core";
import { requireNode } from "@loom/system";
import { requireConcurrency } from "./option-defaults.ts";
import { loadPart } from "./workflow/load-part.ts";
import type { PlanError, PlanWorkflowOptions, WorkflowPlan } from "./workflow-plan.ts";

/**
 * Says what a run would do, and does none of it: no job is started, no snapshot
 * is made, and no evidence is written. It supposes that every job succeeds.
 *
 * @returns The plan, or why there is none. Rejects when `concurrency` is not a whole number of 1 or more:
 *   that is a bug of the caller.
 */
export async function planWorkflow(
  options: PlanWorkflowOptions = {},
): Promise<Result<WorkflowPlan, PlanError>> {
  requireNode();
  requireConcurrency(options.concurrency);
  // A run needs nothing of it.
  const loaded = await loadPart("plans a run", async () => import("./make-workflow-plan.ts"));
  return loaded.ok ? await loaded.value.makeWorkflowPlan(options) : loaded;
}
