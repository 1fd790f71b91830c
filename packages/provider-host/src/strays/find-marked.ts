import { delay } from "../delay.ts";
import type { WantedMark } from "./mark.ts";
import { ownKind } from "./own-kind.ts";
import { checkMark, processOfThread } from "./proc-files.ts";
import { seeProcess, type RunningProcess } from "./running-process.ts";

/**
 * How often a process without any environment is looked at again, a millisecond later each time.
 *
 * A process is without one for some microseconds within `exec`; one that
 * still is after this was started without.
 */
const EMPTY_LOOKS = 5;

/**
 * Finds the processes that were started with a mark, on Linux.
 *
 * Such a process may have left its group and its session (`setsid`, a double
 * fork): its environment is what it cannot leave by accident.
 *
 * @param candidates - Numbers to look at, those of threads too.
 */
export async function findMarked(candidates: Iterable<number>, mark: WantedMark): Promise<RunningProcess[]> {
  const marked = new Set<number>();
  let empty: number[] = [];
  for (const pid of candidates) {
    const check = checkMark(pid, mark);
    if (check === "marked") marked.add(processOfThread(pid));
    // Kernel threads and zombies have no environment either; `seeProcess` knows them.
    else if (check === "empty" && seeProcess(pid) !== undefined) empty.push(pid);
  }
  for (let look = 0; look < EMPTY_LOOKS && empty.length > 0; look += 1) {
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
  for (const pid of ownKind()) marked.delete(pid);
  return [...marked].map(seeProcess).filter((seen) => seen !== undefined);
}
