import type { LateOutput } from "@loom/ports";
import type { OutputReader } from "./output-reader.ts";

/**
 * How long an output that a background process keeps open may be silent, after the shell has ended, before it is muted.
 *
 * Unit: milliseconds. All output of the shell itself is already in the pipe; the wait is for background
 * processes that are about to print their last line.
 */
const SILENCE_MS = 100;

/**
 * How many such periods to read from a background process that never falls silent.
 *
 * Each period with output reads at least one full buffer or all there is. A pipe holds one buffer by default
 * (64 KiB) and rarely more than ten, so by then everything that the shell wrote has been read.
 */
const LOUD_PERIODS = 10;

/**
 * Waits until the outputs of an ended process are complete.
 *
 * An output is complete at its end; or, if a descendant keeps it open, after `SILENCE_MS` without data, or at
 * the latest after `LOUD_PERIODS` such periods. Time in which the sink is behind does not count.
 *
 * @param late - Receives later output.
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
    // In a turn of the event loop, timers come before reads: a late timer must not look like silence.
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

/** Whether `work` resolves within some milliseconds; leaves no timer behind. */
function within(work: Promise<boolean>, ms: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms);
    work.then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, reject);
  });
}
