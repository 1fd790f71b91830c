import type { EndedProcesses } from "@loom/ports";
import { delay } from "../delay.ts";
import { groupExists, sendSignal } from "../process/process-group.ts";
import { stillRuns, type RunningProcess } from "./running-process.ts";

/**
 * Time between SIGTERM and SIGKILL for a process that outlived its job.
 *
 * Unit: milliseconds. Enough to remove a lock or a socket file; shorter than a step's grace, because the job is
 * over and waits for nothing else.
 */
const LEFTOVER_GRACE_MS = 200;

/** How long processes have to end by themselves after SIGTERM. */
export interface Grace {
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Ends the wait early. */
  readonly kill?: AbortSignal;
}

/** What to kill as a whole. */
export interface KillTargets {
  /** Process groups of which every member may be killed. */
  readonly groups?: ReadonlySet<number>;
  /** Kills everything else, through a control group. */
  readonly killRest?: () => void;
  /**
   * Whether to look for the processes again before those that were found some time ago are killed, as their start
   * times are not known and their numbers may have been reused. Default: false.
   */
  readonly looksAgain?: boolean;
}

/** How long a process may take to end after SIGKILL. Milliseconds; only one stuck in the kernel takes longer. */
const KILL_WAIT_MS = 2_000;

/** How many times to look for processes that were forked while others were being ended. */
const ROUNDS = 10;

/**
 * Ends processes until none is found: SIGTERM, the grace period, SIGKILL. Processes found after the first round
 * get SIGKILL at once.
 *
 * @param find - Finds the processes that are running now.
 * @param whole - What to kill as a whole, so that no member escapes by forking.
 * @param grace - Default: `LEFTOVER_GRACE_MS`.
 */
export async function endProcesses(
  find: () => Promise<readonly RunningProcess[]>,
  whole: KillTargets = {},
  grace: Grace = { graceMs: LEFTOVER_GRACE_MS },
): Promise<EndedProcesses<RunningProcess>> {
  const found = new Map<string, RunningProcess>();
  const stillRunning = async (seen: readonly RunningProcess[]): Promise<readonly RunningProcess[]> => {
    const alive = seen.filter(stillRuns);
    return whole.looksAgain === true && alive.length > 0 ? find() : alive;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const running = await find();
    if (running.length === 0) break;
    for (const seen of running) found.set(keyOf(seen), seen);
    if (round === 0) {
      // One by one, and each only once: many programs treat a second SIGTERM as a forced stop.
      for (const { pid } of running) sendSignal(pid, "SIGTERM");
      await allEnded(running, grace.graceMs, grace.kill);
    }
    const alive = round === 0 ? await stillRunning(running) : running.filter(stillRuns);
    for (const seen of alive) found.set(keyOf(seen), seen);
    whole.killRest?.();
    // Only groups with a member seen just now: the ids of others may have been reused.
    for (const group of new Set(alive.map((seen) => seen.group))) {
      if (whole.groups?.has(group) === true && groupExists(group)) sendSignal(-group, "SIGKILL");
    }
    // Each process too: it may have left its group since it was seen.
    for (const { pid } of alive) sendSignal(pid, "SIGKILL");
    if (!(await allEnded(alive, KILL_WAIT_MS))) break;
  }
  const all = [...found.values()];
  const left = await stillRunning(all);
  const keys = new Set(left.map(keyOf));
  return { ended: all.filter((seen) => !keys.has(keyOf(seen))), left };
}

function keyOf({ pid, startTime }: RunningProcess): string {
  return `${pid} ${startTime}`;
}

/** Whether all processes ended within the time, before `giveUp` aborts. */
async function allEnded(
  processes: readonly RunningProcess[],
  withinMs: number,
  giveUp?: AbortSignal,
): Promise<boolean> {
  const untilMs = performance.now() + withinMs;
  for (let pollMs = 1; processes.some(stillRuns); pollMs = Math.min(pollMs * 2, 16)) {
    if (giveUp?.aborted === true || performance.now() >= untilMs) return false;
    await delay(pollMs);
  }
  return true;
}
