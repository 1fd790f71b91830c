import { readProcessStat } from "@loom/system";

/** More than any real chain of parent processes. */
const MAX_DEPTH = 1_000;

/**
 * The pids of this program and its ancestors, up to the first process: they must never be ended, whatever their
 * environment. A shell with a job's variables may be the one that `loom recover` was typed into.
 */
export function ownLineage(): ReadonlySet<number> {
  const own = new Set([1, process.pid]);
  let pid = process.ppid;
  for (let depth = 0; pid > 1 && depth < MAX_DEPTH; depth += 1) {
    own.add(pid);
    pid = readProcessStat(pid)?.parent ?? 0;
  }
  return own;
}
