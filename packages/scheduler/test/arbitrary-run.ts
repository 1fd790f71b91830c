import { jobId, type JobId, type RunPlan, type WithheldReason } from "@loom/core";
import fc from "fast-check";
import type { World } from "./drive-run.ts";
import { planOf, type JobSketch } from "./plan-of.ts";
import { CANCELLED, FAILED, SUCCEEDED, TOLERATED } from "./results.ts";

const MAX_JOBS = 14;
const MAX_STAGES = 5;

/** A plan and the world it runs in. */
export interface ArbitraryRun {
  readonly plan: RunPlan;
  readonly world: World;
}

/** A job as it is drawn: needs are candidates, of which the impossible ones are dropped. */
const job = fc.record({
  stage: fc.nat(MAX_STAGES - 1),
  /** Needs point from higher to lower ranks, so that they have no cycle but follow no order of the file. */
  rank: fc.nat(1000),
  needs: fc.uniqueArray(fc.nat(MAX_JOBS - 1), { maxLength: 4 }),
  when: fc.constantFrom("on_success", "on_success", "on_success", "on_failure", "always"),
  result: fc.constantFrom(SUCCEEDED, SUCCEEDED, FAILED, TOLERATED, CANCELLED),
  weight: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  isSelected: fc.boolean(),
  isManual: fc.boolean(),
  isUngated: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  withheld: fc.option(fc.constantFrom("condition_not_met", "manual"), { nil: undefined, freq: 6 }),
} as const);

/** Any run: stages (empty ones too), needs, conditions, weights, results, selection, concurrency, order of ends, cancel. */
export const arbitraryRun: fc.Arbitrary<ArbitraryRun> = fc
  .record({
    jobs: fc.array(job, { maxLength: MAX_JOBS, size: "max" }),
    /** How many stages have jobs. With few of them, needs within a stage form long chains. */
    usedStages: fc.integer({ min: 1, max: MAX_STAGES }),
    failFast: fc.boolean(),
    selects: fc.boolean(),
    concurrency: fc.integer({ min: 1, max: 4 }),
    choices: fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 }),
    plays: fc.boolean(),
    cancelAfter: fc.option(fc.nat(20), { nil: undefined, freq: 4 }),
  })
  .map(({ jobs: drawn, usedStages, failFast, selects, concurrency, choices, plays, cancelAfter }) => {
    const jobs = drawn.map((each) => ({ ...each, stage: each.stage % usedStages }));
    const sketches: Record<string, JobSketch> = {};
    const weights: Record<string, number> = {};
    const selected: string[] = [];
    const withheld: Record<string, WithheldReason> = {};
    const results = new Map(jobs.map(({ result }, index) => [idOf(index), result]));
    for (const [
      index,
      { stage, rank, needs, when, weight, isSelected, isManual, isUngated, withheld: reason },
    ] of jobs.entries()) {
      const possible = needs.filter((need) => {
        const other = jobs[need];
        return other !== undefined && (other.stage < stage || (other.stage === stage && other.rank < rank));
      });
      sketches[idOf(index)] = {
        stage: `stage-${stage}`,
        needs: possible.map(idOf),
        when,
        isManual,
        isUngated,
      };
      if (weight !== undefined) weights[idOf(index)] = weight;
      if (isSelected) selected.push(idOf(index));
      if (reason !== undefined) withheld[idOf(index)] = reason;
    }
    const stages = Array.from({ length: MAX_STAGES }, (_, stage) => `stage-${stage}`);
    return {
      plan: planOf(sketches, { stages, failFast, weights, withheld, ...(selects && { selected }) }),
      world: { concurrency, results, choices, plays, ...(cancelAfter !== undefined && { cancelAfter }) },
    };
  });

function idOf(index: number): JobId {
  return jobId(`job-${index}`);
}
