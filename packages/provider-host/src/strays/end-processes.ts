import { delay } from "../delay.ts";
import { groupExists, sendSignal } from "../process/process-group.ts";
import { stillRuns, type RunningProcess } from "./running-process.ts";

/**
 * How long a process that outlived its job has between SIGTERM and SIGKILL.
 *
 * Unit: milliseconds. Enough to remove a lock or a socket file; the job is
 * over and waits for nothing else, so not the grace of a step.
 */
const LEFTOVER_GRACE_MS = 200;

/** How long processes have to end by themselves once they were asked to. */
export interface Patience {
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Ends the wait early. */
  readonly kill?: AbortSignal;
}

/** What is killed as a whole. */
export interface Whole {
  /** Groups of processes, none with a member that must live on. */
  readonly groups?: ReadonlySet<number>;
  /** Kills whatever else there is, by a control group. */
  readonly killRest?: () => void;
}

/** How long a process may take to go after SIGKILL. Milliseconds; only one stuck in the kernel takes longer. */
const KILL_WAIT_MS = 2_000;

/** How often it is looked for processes that were forked while the others were being ended. */
const ROUNDS = 10;

/** What became of processes that should not run any more. */
export interface EndedProcesses {
  /** In the order in which they were found. */
  readonly ended: readonly RunningProcess[];
  /** Those that even SIGKILL did not end. */
  readonly left: readonly RunningProcess[];
}

/**
 * Ends processes until none is found: SIGTERM, the grace, SIGKILL.
 * What turns up after the first look gets SIGKILL at once.
 *
 * @param find - Those that run now.
 * @param whole - What is killed as a whole, so that no member slips through by forking.
 * @param patience - Default: `LEFTOVER_GRACE_MS`.
 */
export async function endProcesses(
  find: () => Promise<readonly RunningProcess[]>,
  whole: Whole = {},
  patience: Patience = { graceMs: LEFTOVER_GRACE_MS },
): Promise<EndedProcesses> {
  const found = new Map<string, RunningProcess>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const running = await find();
    if (running.length === 0) break;
    for (const seen of running) found.set(`${seen.pid} ${seen.startTime}`, seen);
    if (round === 0) {
      // One by one, and each once: many programs take a second SIGTERM for impatience.
      for (const { pid } of running) sendSignal(pid, "SIGTERM");
      await gone(running, patience.graceMs, patience.kill);
    }
    const alive = running.filter(stillRuns);
    whole.killRest?.();
    // Only a group of which a member was seen just now: the number of another may have been given away.
    for (const group of new Set(alive.map((seen) => seen.group))) {
      if (whole.groups?.has(group) === true && groupExists(group)) sendSignal(-group, "SIGKILL");
    }
    // Not only its group: a process may have left that since it was seen.
    for (const { pid } of alive) sendSignal(pid, "SIGKILL");
    if (!(await gone(alive, KILL_WAIT_MS))) break;
  }
  const all = [...found.values()];
  const left = all.filter(stillRuns);
  return { ended: all.filter((seen) => !left.includes(seen)), left };
}

/** Whether all of them went within some milliseconds, or until the wait was given up. */
async function gone(
  processes: readonly RunningProcess[],
  withinMs: number,
  giveUp?: AbortSignal,
): Promise<boolean> {
  const untilMs = performance.now() + withinMs;
  for (let lookMs = 1; processes.some(stillRuns); lookMs = Math.min(lookMs * 2, 16)) {
    if (giveUp?.aborted === true || performance.now() >= untilMs) return false;
    await delay(lookMs);
  }
  return true;
}
