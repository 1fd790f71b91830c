import type { JobId, RunPlan } from "@loom/core";
import { reverse, type Adjacency } from "./adjacency.ts";
import { elementAt } from "./element-at.ts";

/**
 * A plan by numbers: job `i` is the `i`-th in declaration order, stage `s` the `s`-th in execution order.
 *
 * Stage gates are not in it as edges (their number would be quadratic); `stageOf` is enough.
 */
export interface PlanGraph {
  readonly indexOf: ReadonlyMap<JobId, number>;
  /** The stage of every job. */
  readonly stageOf: Int32Array;
  /** The jobs that wait for their needs only, whatever their stage. */
  readonly ungated: ReadonlySet<number>;
  /** The jobs of every stage, in declaration order. */
  readonly jobsOfStage: Adjacency;
  /** What every job needs, in the order it was written. */
  readonly needs: Adjacency;
  /** The jobs that need a job, in declaration order. */
  readonly dependants: Adjacency;
}

/**
 * Numbers the jobs of a plan. O(jobs + needs).
 *
 * @throws When the plan breaks what `RunPlan` promises in a way that would leave jobs waiting for ever: a name
 *   that is not there, a name that is there twice, a need of a later stage, no room for a job to run. `planRun` makes
 *   no such plan.
 */
export function planGraph(plan: RunPlan): PlanGraph {
  const { concurrency } = plan;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new Error(
      `Cannot schedule the plan: concurrency is ${concurrency}, not a whole number of 1 or more`,
    );
  const indexOf = indexJobs(plan);
  for (const jobId of [...(plan.selected ?? []), ...(plan.withheld?.keys() ?? [])]) {
    if (!indexOf.has(jobId)) throw new Error(`Cannot schedule job "${jobId}": it is not in the plan`);
  }
  const stageOf = stagesOfJobs(plan);
  const needs = needsOfJobs(plan, indexOf, stageOf);
  const oneStageEach: Adjacency = {
    starts: Int32Array.from({ length: stageOf.length + 1 }, (_, i) => i),
    targets: stageOf,
  };
  return {
    indexOf,
    stageOf,
    ungated: new Set([...plan.jobs.entries()].flatMap(([job, { gate }]) => (gate === "needs" ? [job] : []))),
    jobsOfStage: reverse(oneStageEach, plan.stages.length),
    needs,
    dependants: reverse(needs, plan.jobs.length),
  };
}

function indexJobs(plan: RunPlan): Map<JobId, number> {
  const indexOf = new Map<JobId, number>();
  for (const { jobId } of plan.jobs) {
    const index = indexOf.size;
    indexOf.set(jobId, index);
    if (indexOf.size === index) throw new Error(`Cannot schedule job "${jobId}": the plan holds it twice`);
  }
  return indexOf;
}

function stagesOfJobs(plan: RunPlan): Int32Array {
  const stageIndex = new Map(plan.stages.map((stage, index) => [stage, index]));
  const stageOf = new Int32Array(plan.jobs.length);
  for (const [job, { jobId, stage }] of plan.jobs.entries()) {
    const index = stageIndex.get(stage);
    if (index === undefined) {
      throw new Error(`Cannot schedule job "${jobId}": its stage "${stage}" is not in the plan`);
    }
    stageOf[job] = index;
  }
  return stageOf;
}

function needsOfJobs(plan: RunPlan, indexOf: ReadonlyMap<JobId, number>, stageOf: Int32Array): Adjacency {
  const starts = new Int32Array(plan.jobs.length + 1);
  const targets = new Int32Array(plan.jobs.reduce((count, job) => count + job.needs.length, 0));
  let end = 0;
  for (const [job, { jobId, needs }] of plan.jobs.entries()) {
    for (const needed of needs) {
      const need = indexOf.get(needed);
      if (need === undefined) {
        throw new Error(`Cannot schedule job "${jobId}": it needs "${needed}", which is not in the plan`);
      }
      if (elementAt(stageOf, need) > elementAt(stageOf, job)) {
        throw new Error(`Cannot schedule job "${jobId}": it needs "${needed}", which is in a later stage`);
      }
      targets[end] = need;
      end += 1;
    }
    starts[job + 1] = end;
  }
  return { starts, targets };
}
