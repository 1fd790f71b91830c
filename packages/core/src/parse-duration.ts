/**
 * The longest duration that can be waited for.
 *
 * Unit: milliseconds. Source: timers count in 31 bits; more would end at once.
 */
export const MAX_DURATION_MS: number = 2 ** 31 - 1;

/**
 * A duration as people write it: `500ms`, `90s`, `10m`, `1h30m`, or a number of
 * seconds. Each unit occurs at most once, larger ones first.
 *
 * The only grammar of durations, in workflows and on the command line.
 *
 * @returns Milliseconds, 0 or more; undefined when it is not a duration.
 */
export function parseDuration(written: string | number): number | undefined {
  if (typeof written === "number") return written >= 0 ? Math.round(written * 1000) : undefined;
  const parts = /^(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/.exec(written);
  if (parts === null || written === "") return undefined;
  const [, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + Number(milliseconds);
}
