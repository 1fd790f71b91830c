/** What many measurements of one thing come to. */
export interface Spread {
  readonly median: number;
  /** A quarter of the measurements is below. */
  readonly low: number;
  /** A quarter of them is above. */
  readonly high: number;
}

/**
 * The median of some measurements and the middle half around it.
 *
 * @param values - At least one; in any order.
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** @param sorted - At least one. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (below === undefined || above === undefined) throw new Error("There is nothing to take a quantile of");
  return below + (above - below) * (at - Math.floor(at));
}
