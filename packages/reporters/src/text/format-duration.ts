/**
 * A duration for people: `342ms` below a second, then `0:21`, `12:05`, `1:02:03`.
 *
 * @param durationMs - Milliseconds; below 0 counts as 0.
 */
export function formatDuration(durationMs: number): string {
  return durationMs < 1000 ? `${Math.max(0, Math.round(durationMs))}ms` : formatClock(durationMs);
}

/**
 * A duration that is still growing: `0:00`, `0:21`, `1:02:03`. Whole seconds, rounded down.
 *
 * @param durationMs - Milliseconds; below 0 counts as 0.
 */
export function formatClock(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
