/** The units of a duration, from the largest to the smallest, with their milliseconds. */
export const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;
