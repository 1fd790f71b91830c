import { readProcessStat } from "@loom/system";

/** More programs than ever start one another in a row. */
const MAX_DEPTH = 1_000;

/**
 * This program and those that started it, up to the first process: whatever
 * their environment says, ending them is never what was asked for. A shell
 * with the variables of a job may be the very one that `loom recover` was
 * typed into.
 */
export function ownKind(): ReadonlySet<number> {
  const own = new Set([1, process.pid]);
  let pid = process.ppid;
  for (let depth = 0; pid > 1 && depth < MAX_DEPTH; depth += 1) {
    own.add(pid);
    pid = readProcessStat(pid)?.parent ?? 0;
  }
  return own;
}
