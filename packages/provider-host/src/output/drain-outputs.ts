import type { LateOutput } from "./late-output.ts";
import type { OutputReader } from "./output-reader.ts";

/**
 * How long an output that a background process keeps open may stay silent,
 * after the shell has ended, until it is no longer listened to.
 *
 * Unit: milliseconds. Everything the shell itself wrote is in the pipe by
 * then and needs no waiting; the rest is for processes it did not wait for
 * that are about to print their last line.
 */
const SILENCE_MS = 100;

/**
 * How many such periods a background process that never falls silent is listened to.
 *
 * Each period with output reads at least one full buffer or all there is, and
 * a pipe holds one buffer by default (64 KiB) and rarely more than ten: what
 * the shell wrote is read by then.
 */
const LOUD_PERIODS = 10;

/**
 * Waits until the outputs of a process that has ended are complete.
 *
 * An output is complete at its end; or, where a descendant keeps it open,
 * after `SILENCE_MS` without data, at the latest after `LOUD_PERIODS` such
 * periods. Time in which the sink is behind does not count.
 *
 * @param late - Takes what comes after that.
 * @returns The outputs that are still open: muted, to be stopped by the caller.
 */
export async function drainOutputs(
  readers: readonly OutputReader[],
  late: LateOutput,
): Promise<readonly OutputReader[]> {
  const open = readers.filter((reader) => reader.open || reader.behind);
  if (open.length === 0) return [];
  const complete = Promise.all(open.map((reader) => reader.done)).then(() => true);
  let loudPeriods = 0;
  while (loudPeriods < LOUD_PERIODS) {
    const before = chunkCount(open);
    if (await within(complete, SILENCE_MS)) return [];
    // Timers come before reading in a turn of the event loop: one that is late must not look like silence.
    await new Promise((resolve) => setImmediate(resolve));
    if (open.some((reader) => reader.behind)) continue;
    if (chunkCount(open) === before) break;
    loudPeriods += 1;
  }
  for (const reader of open) reader.mute(late);
  await complete;
  return open.filter((reader) => reader.open);
}

function chunkCount(readers: readonly OutputReader[]): number {
  return readers.reduce((sum, reader) => sum + reader.chunkCount, 0);
}

/** Whether `work` answers within some milliseconds; no timer is left when it does. */
function within(work: Promise<boolean>, ms: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms);
    work.then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, reject);
  });
}
