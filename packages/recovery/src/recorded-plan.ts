import { EMPTY_GRAPH, planOf, planRun, type RunPlan } from "@loom/core";
import type { PastEvent } from "./past-run.ts";

/** The plan of a run, as its own stream notes it. */
export interface RecordedPlan {
  /** False when the run ended before it had a plan; then the plan is empty. */
  readonly known: boolean;
  readonly plan: RunPlan;
}

/** Reads the plan from the records of a run. */
export function recordedPlan(records: readonly PastEvent[]): RecordedPlan {
  const plan = planOf(records);
  return { known: plan !== undefined, plan: plan ?? planRun(EMPTY_GRAPH, { concurrency: 1 }) };
}
