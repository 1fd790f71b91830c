import type { RunPlan } from "@loom/core";
import { neighboursOf } from "./adjacency.ts";
import { countDown } from "./count-down.ts";
import { elementAt } from "./element-at.ts";
import type { PlanGraph } from "./plan-graph.ts";

/**
 * The longest remaining path of every job, by its number.
 *
 * Walks the stages from the last to the first, and inside a stage from the jobs
 * that nobody there needs back along the needs. All jobs of a stage keep the same
 * jobs of later stages waiting, so one number stands for all edges of the stage gate.
 * A need that crosses stages adds to it only where that job waits for its needs
 * alone. The whole costs O(jobs + needs).
 *
 * @throws When needs form a cycle; `@loom/workflow` has refused those.
 */
export function longestPaths(
  plan: RunPlan,
  { stageOf, ungated, jobsOfStage, needs, dependants }: PlanGraph,
): Float64Array {
  const lengths = new Float64Array(plan.jobs.length);
  const openDependants = new Int32Array(plan.jobs.length);
  let laterStages = 0;

  for (let stage = plan.stages.length - 1; stage >= 0; stage -= 1) {
    const jobs = neighboursOf(jobsOfStage, stage);
    const known: number[] = [];
    for (const job of jobs) {
      let count = 0;
      for (const dependant of neighboursOf(dependants, job)) {
        if (elementAt(stageOf, dependant) === stage) count += 1;
      }
      openDependants[job] = count;
      if (count === 0) known.push(job);
    }

    let fromThisStage = laterStages;
    for (const job of known) {
      // Until a job is known, its entry collects the longest path of those that need it.
      const length = weightOf(plan, job) + Math.max(laterStages, elementAt(lengths, job));
      lengths[job] = length;
      if (!ungated.has(job)) fromThisStage = Math.max(fromThisStage, length);
      for (const need of neighboursOf(needs, job)) {
        lengths[need] = Math.max(elementAt(lengths, need), length);
        if (elementAt(stageOf, need) === stage && countDown(openDependants, need) === 0) known.push(need);
      }
    }
    if (known.length < jobs.length) {
      // A job is left over because one that needs it is, so the way along them comes round.
      const leftOver = (some: Int32Array): number =>
        elementAt(
          some.filter((job) => elementAt(openDependants, job) > 0),
          0,
        );
      const cycle = cycleFrom(leftOver(jobs), (job) => leftOver(neighboursOf(dependants, job)));
      const names = cycle.map((job) => elementAt(plan.jobs, job).jobId).join(" -> ");
      throw new Error(
        `Cannot schedule stage "${elementAt(plan.stages, stage)}": the needs of its jobs form a cycle: ${names}`,
      );
    }
    laterStages = fromThisStage;
  }
  return lengths;
}

/** The jobs of the cycle that a way ends in, each followed by one that it needs, the first repeated at the end. */
function cycleFrom(start: number, dependantOf: (job: number) => number): readonly number[] {
  const way = new Set<number>();
  let job = start;
  while (!way.has(job)) {
    way.add(job);
    job = dependantOf(job);
  }
  const found = [...way];
  return [...found.slice(found.indexOf(job)), job].reverse();
}

function weightOf(plan: RunPlan, job: number): number {
  return plan.weights?.get(elementAt(plan.jobs, job).jobId) ?? 1;
}
