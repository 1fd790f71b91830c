import { errnoCode, readProcessStat } from "@loom/system";
import { listPids } from "../strays/proc-files.ts";

/** The signals that Loom sends, and 0, which only asks. */
type Signal = "SIGTERM" | "SIGKILL" | 0;

/**
 * Sends a signal to a process, or to every member of a group (a negative number).
 *
 * @returns Whether there was anything to send it to. What may not be signalled counts as there.
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
 * Whether a group still has members, dead but unreaped ones included.
 *
 * Only for a group whose leader has been waited for. The kernel gives no
 * process a number that a group still bears, so a process with that number
 * means that the group is gone and its number was given away.
 */
export function groupExists(groupId: number): boolean {
  return sendSignal(-groupId, 0) && !sendSignal(groupId, 0);
}

/**
 * Whether a group still has a member that can run.
 *
 * Unlike `groupExists` it sees through zombies, which stay for ever where
 * process 1 does not reap them, as in many containers. It reads every
 * process's state on Linux, so it is asked second.
 */
export function groupIsRunning(groupId: number): boolean {
  if (!groupExists(groupId)) return false;
  const pids = listPids();
  if (pids === undefined) return true;
  return pids.some((pid) => {
    const stat = readProcessStat(pid);
    return stat !== undefined && stat.group === groupId && !stat.dead;
  });
}
