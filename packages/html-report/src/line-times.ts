/**
 * Writes when lines were printed in few characters: the first time whole, then the way from each line to the next,
 * which is nothing for most lines, as what a job prints arrives in pieces of many lines.
 *
 * @param times - Milliseconds since 1970, in the order of the lines. One that is not known counts as that before it.
 */
export function packTimes(times: readonly number[]): string {
  let last = 0;
  return times
    .map((time) => {
      const way = Number.isFinite(time) ? time - last : 0;
      last += way;
      return way === 0 ? "" : String(way);
    })
    .join(",");
}

/** Reads what `packTimes` wrote: milliseconds since 1970 for each line. */
export function unpackTimes(packed: string): Float64Array {
  const times = Float64Array.from(packed.split(","), Number);
  for (let index = 1; index < times.length; index += 1)
    times[index] = (times[index] ?? 0) + (times[index - 1] ?? 0);
  return times;
}
