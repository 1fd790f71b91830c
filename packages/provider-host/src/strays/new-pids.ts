import { listPids, readLastPid, readPidLimit } from "./proc-files.ts";

/**
 * How many numbers are asked about one by one before `/proc` is listed instead.
 *
 * Measured: 3 µs for a number that nobody bears, 50 µs to 1 ms for the list.
 */
const PROBE_LIMIT = 100;

/**
 * More numbers than a machine gives away in one millisecond.
 *
 * Measured: one core starts 1.3 processes, or 10 threads, a millisecond when
 * it does nothing else. A job so long that this rate could have used up all
 * numbers is not judged by them.
 */
const MAX_PIDS_PER_MS = 400;

let pidLimit: number | undefined;

/**
 * The numbers given to processes and threads after `firstPid` was, in the order in which they were given.
 *
 * A process's children have later numbers than it has. So whoever looks at
 * these numbers in this order, and goes on until the kernel has given away
 * no more, misses no descendant of `firstPid`: a process that was gone when
 * its turn came had its children before, and their turn comes later.
 *
 * The price is proportional to what was started meanwhile, which cost a
 * hundred times as much to start.
 *
 * @param sinceMs - `performance.now()` when `firstPid` was given away, or earlier.
 * @returns Numbers that may not be in use. All numbers in use, rising, where
 *   the kernel may have begun from the start again more than once.
 */
export function* newPids(firstPid: number, sinceMs: number): Generator<number> {
  pidLimit ??= readPidLimit();
  const overrun = (performance.now() - sinceMs) * MAX_PIDS_PER_MS > pidLimit;
  const lastNow = overrun ? readLastPid() : firstPid;
  if (overrun) yield* listPids() ?? [];
  if (lastNow === undefined) return;
  let seen = lastNow;
  for (;;) {
    const last = readLastPid() ?? seen;
    if (last === seen) return;
    yield* pidsBetween(seen, last, pidLimit);
    seen = last;
  }
}

/** The numbers after `from` up to `to`, counted past the limit where need be; of a long list only those in use. */
export function* pidsBetween(from: number, to: number, limit: number): Generator<number> {
  const count = to > from ? to - from : to - from + limit;
  if (count <= PROBE_LIMIT) {
    for (let step = 1; step <= count; step += 1) yield (from + step) % limit;
    return;
  }
  const pids = listPids() ?? [];
  if (to > from) {
    yield* pids.filter((pid) => pid > from && pid <= to);
    return;
  }
  yield* pids.filter((pid) => pid > from);
  yield* pids.filter((pid) => pid <= to);
}
