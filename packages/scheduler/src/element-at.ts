/**
 * Reads an element that exists by construction.
 *
 * @throws When it is not: a bug in the caller's arithmetic, better found here than as a `NaN` later.
 */
export function elementAt<T>(values: { readonly [index: number]: T }, index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error(`Cannot read element ${index}: it does not exist`);
  return value;
}
