import { listPids, readLastPid, readPidLimit } from "./proc-files.ts";

/**
 * How many pids to probe one by one before listing `/proc` instead.
 *
 * Measured: 3 µs for an unused pid, 50 µs to 1 ms for the list.
 */
const PROBE_LIMIT = 100;

/**
 * More pids than a machine assigns per millisecond.
 *
 * Measured: one core starts 1.3 processes, or 10 threads, per millisecond when it does nothing else. For a job
 * so long that this rate could have used up all pids, all processes are checked.
 */
const MAX_PIDS_PER_MS = 400;

let pidLimit: number | undefined;

/**
 * The pids assigned to processes and threads after `firstPid`, in order of assignment.
 *
 * A process's children have later pids. So checking these pids in this order, until the kernel has assigned no
 * more, misses no descendant of `firstPid`: a process that has already ended had started its children before,
 * and their turn comes later.
 *
 * The cost is proportional to the number of processes started meanwhile, each of which cost a hundred times as
 * much to start.
 *
 * @param sinceMs - `performance.now()` when `firstPid` was assigned, or earlier.
 * @returns Pids, some of which may not be in use; or all pids in use, ascending, if the kernel may have wrapped
 *   around more than once.
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

/** The pids after `from` up to `to`, wrapping around at the limit; for a long range, only those in use. */
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
