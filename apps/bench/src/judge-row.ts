import { measure, type Measured, type Cost } from "./measure.ts";
import type { Row } from "./row.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/** What came of a row. */
export interface RowResult {
  readonly id: string;
  readonly what: string;
  readonly must: number;
  readonly reach: number;
  readonly result: Spread;
  /** Medians of what was measured: seconds, or bytes. */
  readonly loom?: number;
  readonly floor?: number;
  readonly verdict: "reached" | "met" | "missed";
}

/**
 * Measures a row: after one run of each to warm up, Loom and its floor in turn, so that whatever else the machine does
 * meets both.
 */
export async function judgeRow(
  { id, what, must, reach, value, compare, figure = "wall", scale = 1, beyond = false }: Row,
  { folder, rounds }: { readonly folder: string; readonly rounds: number },
): Promise<RowResult> {
  const told = (result: Spread, medians: { loom?: number; floor?: number } = {}): RowResult => {
    const verdict = result.median <= reach ? "reached" : result.median <= must ? "met" : "missed";
    return { id, what, must, reach, result, ...medians, verdict };
  };
  if (value !== undefined) return told(spreadOf([value()]));
  if (compare === undefined) throw new Error(`Row ${id} measures nothing`);
  const { loom, floor, without } = compare(folder);
  const [ofLoom, ofFloor, results]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round <= rounds; round += 1) {
    const own = (await costOf(loom))[figure] - (without === undefined ? 0 : (await costOf(without))[figure]);
    const other = floor === undefined ? undefined : (await costOf(floor))[figure];
    // The first one warms up.
    if (round === 0) continue;
    ofLoom.push(own);
    if (other !== undefined) ofFloor.push(other);
    results.push(other === undefined ? own * scale : beyond ? own - other : (own / other) * scale);
  }
  return told(spreadOf(results), {
    loom: spreadOf(ofLoom).median,
    ...(ofFloor.length > 0 && { floor: spreadOf(ofFloor).median }),
  });
}

async function costOf(what: Measured | (() => Promise<Cost>)): Promise<Cost> {
  return typeof what === "function" ? await what() : await measure(what);
}
