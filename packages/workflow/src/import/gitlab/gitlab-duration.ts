const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of a duration such as `3 hours 30 minutes`, `1h 30m` or `90`; undefined for what is none. */
export function gitlabSeconds(text: string): number | undefined {
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text);
  let seconds = 0;
  let rest = text.trim().toLowerCase();
  while (rest !== "") {
    const match =
      /^(\d{1,9})\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)(?![a-z])[\s,]*(?:and\s+)?/.exec(
        rest,
      );
    if (match === null) return undefined;
    seconds += Number(match[1]) * (UNITS[(match[2] ?? "").charAt(0)] ?? 0);
    rest = rest.slice(match[0].length);
  }
  return seconds > 0 ? seconds : undefined;
}

/** A number of seconds as a workflow writes it: `1h30m`. */
export function durationText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const left = seconds % 60;
  return `${hours > 0 ? `${hours}h` : ""}${minutes > 0 ? `${minutes}m` : ""}${left > 0 ? `${left}s` : ""}`;
}
