const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration from the command line: `500ms`, `10s`, `1m30s`, or a number of seconds.
 *
 * @returns Milliseconds, 0 or more; `undefined` when the text is no duration.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/u.test(text)) return Math.round(Number(text) * 1000);
  if (!/^(\d+(ms|s|m|h))+$/u.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h)/gu)) {
    totalMs += Number(amount) * (UNITS_MS[unit ?? ""] ?? 0);
  }
  return totalMs;
}
