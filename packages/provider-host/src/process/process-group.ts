import { errnoCode, listByPsNow, readProcessStat } from "@loom/system";
import { listPids } from "../strays/proc-files.ts";

/** The signals that Loom sends, and 0, which only checks. */
type Signal = "SIGTERM" | "SIGKILL" | 0;

/**
 * Sends a signal to a process, or to every member of a group (a negative number).
 *
 * @returns Whether the target exists. A target that may not be signalled counts as existing.
 */
export function sendSignal(target: number, signal: Signal): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    const errno = errnoCode(error);
    if (errno === "ESRCH") return false;
    if (errno === "EPERM") return true;
    throw error;
  }
}

/**
 * Whether a group still has members, including zombies.
 *
 * Only for a group whose leader has been reaped. The kernel does not assign a pid that is still in use as a
 * group id, so a process with that pid means that the group is gone and its id was reused.
 */
export function groupExists(groupId: number): boolean {
  return sendSignal(-groupId, 0) && !sendSignal(groupId, 0);
}

/**
 * Whether a group still has a live member.
 *
 * Unlike `groupExists`, it ignores zombies, which stay forever if process 1 does not reap them, as in many
 * containers. It reads every process's state, or asks `ps`, so check `groupExists` first.
 */
export function groupIsRunning(groupId: number): boolean {
  if (!groupExists(groupId)) return false;
  const pids = listPids();
  if (pids === undefined) {
    const listed = listByPsNow();
    return listed.length === 0 || listed.some(({ group }) => group === groupId);
  }
  return pids.some((pid) => {
    const stat = readProcessStat(pid);
    return stat !== undefined && stat.group === groupId && !stat.dead;
  });
}
