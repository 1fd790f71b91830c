import { EMPTY_GRAPH, planOfFacts, planRun, type RunPlan } from "@loom/core";
import type { PastEvent } from "./past-run.ts";

/** The plan of a run, as its own stream notes it. */
export interface RecordedPlan {
  /** False when the run ended before it had a plan; then the plan is empty. */
  readonly known: boolean;
  readonly plan: RunPlan;
}

/** Reads the plan from the records of a run. */
export function recordedPlan(records: readonly PastEvent[]): RecordedPlan {
  for (const { stream, record } of records) {
    if (stream.kind !== "run" || record.event !== "log") continue;
    const plan = planOfFacts(record);
    if (plan !== undefined) return { known: true, plan };
  }
  return { known: false, plan: planRun(EMPTY_GRAPH, { concurrency: 1 }) };
}
