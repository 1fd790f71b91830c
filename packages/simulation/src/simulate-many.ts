import { simulate } from "./simulate.ts";
import type { Complaint, RunEnding } from "./simulated-run.ts";

/** What came of many runs. */
export interface ManyRuns {
  readonly runs: number;
  readonly records: number;
  readonly endings: { readonly [K in RunEnding["kind"]]: number };
  /** The runs that broke a rule, by seed. At most as many as were asked for. */
  readonly broken: readonly { readonly seed: number; readonly complaints: readonly Complaint[] }[];
}

/** Runs that share the turns of the event loop, which cost more than most moments of a run. More of them fill the memory. */
const AT_ONCE = 6;

/**
 * Simulates consecutive seeds. Each is a world of its own, so that many go on side by side.
 *
 * @param options.stopAfter - Ends early once so many runs broke a rule. Default: 10.
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
