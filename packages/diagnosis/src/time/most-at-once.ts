/**
 * How many of some spans of time overlap at most; 1 or more when there are any.
 *
 * At one moment, ends come before starts: a slot is handed on.
 */
export function mostAtOnce(spans: readonly { readonly startMs: number; readonly endMs: number }[]): number {
  const changes = spans
    .flatMap(({ startMs, endMs }) => [
      { atMs: startMs, by: 1 },
      { atMs: Math.max(endMs, startMs), by: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return spans.length > 0 ? Math.max(1, most) : 0;
}
