/**
 * Closes a `switch` over a union: a forgotten case does not compile.
 *
 * @throws Always, naming the value. Reaching it is a bug in Loom.
 */
export function unreachable(value: never): never {
  throw new Error(`Unreachable case: ${JSON.stringify(value)}`);
}
