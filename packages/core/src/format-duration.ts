// Every way in which Loom shows a duration. Columns and marks need a fixed width, sentences units, a screen reader words,
// and a guess the form in which people write one; none of these does for another.

/**
 * A duration for people: `342ms` below a second, `3.1s` below ten, then `0:21`, `12:05`, `1:02:03`.
 *
 * @param durationMs - Milliseconds; below 0 counts as 0.
 */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.max(0, Math.round(durationMs))}ms`;
  return durationMs < 9950 ? `${(durationMs / 1000).toFixed(1)}s` : formatClock(durationMs);
}

/**
 * A duration that is still growing: `0:00`, `0:21`, `1:02:03`. Whole seconds, rounded down.
 *
 * @param durationMs - Milliseconds; below 0 counts as 0.
 */
export function formatClock(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/**
 * A duration in prose: `340 ms`, `2.4 s`, `1 min 5 s`, `2 h 3 min`.
 *
 * @param durationMs - Milliseconds; below 0 counts as 0.
 */
export function formatSpan(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 10_000) return `${(Math.round(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0
    ? `${Math.floor(minutes / 60)} h`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * A duration as it is spoken, for screen readers: `1 second`, `2 minutes 5 seconds`, `1 hour 1 minute`. Rounded to seconds,
 * and to minutes from an hour on.
 *
 * @param durationMs - Milliseconds; below 0 counts as 0.
 */
export function spokenDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return counted(seconds, "second");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? joined(counted(minutes, "minute"), seconds % 60, "second")
    : joined(counted(Math.floor(minutes / 60), "hour"), minutes % 60, "minute");
}

/**
 * A duration as people write it and `parseDuration` reads it: `45s`, `2m`, `1m05s`, `1h02m`. Rounded up to seconds, and to
 * minutes from an hour on.
 *
 * @param durationMs - Milliseconds; below 0 counts as 0.
 */
export function writtenDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.ceil(durationMs / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)}m${seconds % 60 === 0 ? "" : `${two(seconds % 60)}s`}`;
  const minutes = Math.ceil(seconds / 60);
  return `${Math.floor(minutes / 60)}h${minutes % 60 === 0 ? "" : `${two(minutes % 60)}m`}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function joined(large: string, rest: number, noun: string): string {
  return rest === 0 ? large : `${large} ${counted(rest, noun)}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
