import { UNITS } from "./units.ts";

const PATTERN = new RegExp(`^${UNITS.map(([name]) => `(?:(\\d+)${name})?`).join("")}$`);

/**
 * Reads a duration: numbers with units, the largest first, each at most once.
 *
 * @returns Milliseconds; `undefined` for any other text.
 */
export function parseDuration(text: string): number | undefined {
  const found = PATTERN.exec(text);
  if (text === "" || found === null) return undefined;
  return UNITS.reduce((sum, [, ms], place) => sum + Number(found[place + 1] ?? 0) * ms, 0);
}
