import { delay } from "../delay.ts";
import type { WantedMark } from "./mark.ts";
import { ownLineage } from "./own-lineage.ts";
import { checkMark, processOfThread } from "./proc-files.ts";
import { seeProcess, type RunningProcess } from "./running-process.ts";

/**
 * How many times to recheck a process without an environment, a millisecond apart.
 *
 * A process has none for some microseconds during `exec`; one that still has none after this was started without.
 */
const EMPTY_RECHECKS = 5;

/**
 * Finds the processes that were started with a mark, on Linux.
 *
 * Such a process may have left its group and its session (`setsid`, a double fork), but it cannot lose its
 * environment by accident.
 *
 * @param candidates - Pids to check, including those of threads.
 */
export async function findMarked(candidates: Iterable<number>, mark: WantedMark): Promise<RunningProcess[]> {
  const marked = new Set<number>();
  let empty: number[] = [];
  for (const pid of candidates) {
    const check = checkMark(pid, mark);
    if (check === "marked") marked.add(processOfThread(pid));
    // Kernel threads and zombies have no environment either; `seeProcess` excludes them.
    else if (check === "empty" && seeProcess(pid) !== undefined) empty.push(pid);
  }
  for (let poll = 0; poll < EMPTY_RECHECKS && empty.length > 0; poll += 1) {
    await delay(1);
    const looked = empty;
    empty = [];
    for (const pid of looked) {
      const check = checkMark(pid, mark);
      if (check === "marked") marked.add(processOfThread(pid));
      else if (check === "empty") empty.push(pid);
    }
  }
  if (marked.size === 0) return [];
  for (const pid of ownLineage()) marked.delete(pid);
  return [...marked].map(seeProcess).filter((seen) => seen !== undefined);
}
