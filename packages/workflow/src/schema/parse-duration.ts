/**
 * A duration as a workflow writes it: `90s`, `10m`, `1h30m`, or a number of
 * seconds.
 *
 * @returns Milliseconds, 0 or more; undefined when it is not a duration.
 */
export function parseDuration(written: string | number): number | undefined {
  if (typeof written === "number") return written >= 0 ? Math.round(written * 1000) : undefined;
  const parts = /^(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(written);
  if (parts === null || written === "") return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = parts;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}
