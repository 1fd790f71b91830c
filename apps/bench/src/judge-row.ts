import { measure, type Measured, type Cost } from "./measure.ts";
import type { Row, Target } from "./row.ts";
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
 * meets both. All targets of the row are judged by the same runs.
 */
export async function judgeRow(
  row: Row,
  { folder, rounds }: { readonly folder: string; readonly rounds: number },
): Promise<readonly RowResult[]> {
  if (row.value !== undefined) return [verdictOn(row, spreadOf([row.value(folder)]))];
  if (row.compare === undefined) throw new Error(`Row ${row.id} measures nothing`);
  const { loom, floor, without } = row.compare(folder);
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const own = await costOf(loom);
    const less = without === undefined ? NOTHING : await costOf(without);
    const other = floor === undefined ? undefined : await costOf(floor);
    // The first one warms up.
    if (round > 0) measured.push({ own, less, other });
  }
  return [row, ...(row.also ?? [])].map((target) => judge(target, measured));
}

/** What one round took: Loom, what is taken off it, and the floor. */
interface Round {
  readonly own: Cost;
  readonly less: Cost;
  readonly other: Cost | undefined;
}

const NOTHING: Cost = { wall: 0, cpu: 0, rss: 0 };

function judge(target: Target, measured: readonly Round[]): RowResult {
  const { figure = "wall", scale = 1, beyond = false, alone = false } = target;
  const [ofLoom, ofFloor, results]: [number[], number[], number[]] = [[], [], []];
  for (const { own, less, other } of measured) {
    const loom = own[figure] - less[figure];
    ofLoom.push(loom);
    if (other === undefined || alone) {
      results.push(loom * scale);
      continue;
    }
    ofFloor.push(other[figure]);
    results.push((beyond ? loom - other[figure] : loom / other[figure]) * scale);
  }
  return verdictOn(target, spreadOf(results), {
    loom: spreadOf(ofLoom).median,
    ...(ofFloor.length > 0 && { floor: spreadOf(ofFloor).median }),
  });
}

function verdictOn(
  { id, what, must, reach }: Target,
  result: Spread,
  medians: { readonly loom?: number; readonly floor?: number } = {},
): RowResult {
  const verdict = result.median <= reach ? "reached" : result.median <= must ? "met" : "missed";
  return { id, what, must, reach, result, ...medians, verdict };
}

async function costOf(what: Measured | (() => Promise<Cost>)): Promise<Cost> {
  return typeof what === "function" ? await what() : await measure(what);
}
