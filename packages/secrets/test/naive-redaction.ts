/** Hides patterns the slow and plain way: every occurrence is looked for, and what overlaps is merged. */
export function naiveRedaction(
  bytes: Buffer,
  patterns: readonly Uint8Array[],
  marker: (pattern: number) => string,
): Buffer {
  const found = patterns
    .flatMap((pattern, number) => occurrences(bytes, pattern).map((start) => ({ start, pattern, number })))
    .sort((a, b) => a.start - b.start || b.pattern.length - a.pattern.length || a.number - b.number);
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, pattern, number } of found) {
    if (start >= at) parts.push(bytes.subarray(at, start), Buffer.from(marker(number)));
    at = Math.max(at, start + pattern.length);
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

function occurrences(bytes: Buffer, pattern: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf(pattern); at !== -1; at = bytes.indexOf(pattern, at + 1)) starts.push(at);
  return starts;
}
