import { UNITS } from "./units.ts";

/**
 * Writes a duration in as few units as say it exactly.
 *
 * @param ms - Whole milliseconds, 0 or more.
 * @throws RangeError for any other number.
 */
export function formatDuration(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new RangeError(`Cannot write ${ms} as a duration: it is not a whole number of milliseconds`);
  }
  let rest = ms;
  let text = "";
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) text += `${count}${name}`;
  }
  return text === "" ? "0s" : text;
}
