import { simulate } from "./simulate.ts";
import type { Complaint, RunEnding } from "./simulated-run.ts";

/** The results of many runs. */
export interface ManyRuns {
  readonly runs: number;
  readonly records: number;
  readonly endings: { readonly [K in RunEnding["kind"]]: number };
  /** The runs that broke a rule, by seed. Limited by `stopAfter`. */
  readonly broken: readonly { readonly seed: number; readonly complaints: readonly Complaint[] }[];
}

/**
 * Concurrent runs share turns of the event loop, which cost more than most moments of a run. More runs would
 * use too much memory.
 */
const AT_ONCE = 6;

/**
 * Simulates consecutive seeds, several concurrently, as their worlds are independent.
 *
 * @param options.stopAfter - Stops early once this many runs broke a rule. Default: 10.
 */
export async function simulateMany(options: {
  readonly from: number;
  readonly count: number;
  readonly stopAfter?: number;
}): Promise<ManyRuns> {
  const { from, count, stopAfter = 10 } = options;
  const endings = { finished: 0, crashed: 0, bug: 0, hung: 0 };
  const broken: { seed: number; complaints: readonly Complaint[] }[] = [];
  let next = from;
  let runs = 0;
  let records = 0;
  const work = async (): Promise<void> => {
    while (next < from + count && broken.length < stopAfter) {
      const seed = next;
      next += 1;
      const run = await simulate(seed);
      runs += 1;
      records += run.records.length;
      endings[run.ending.kind] += 1;
      if (run.complaints.length > 0) broken.push({ seed, complaints: run.complaints });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  broken.sort((a, b) => a.seed - b.seed);
  return { runs, records, endings, broken };
}
