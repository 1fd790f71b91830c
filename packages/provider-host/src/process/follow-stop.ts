import type { StopRequest } from "@loom/ports";
import { delay } from "../delay.ts";
import { groupExists, groupIsRunning, sendSignal } from "./process-group.ts";

/**
 * How long to wait for a group to disappear after SIGKILL.
 *
 * Unit: milliseconds. Only a process stuck in the kernel (such as on a dead network file system) takes longer
 * than one scheduling round; waiting for it would block the whole run.
 */
const KILL_WAIT_MS = 5_000;

/** Longest interval between two polls of a group that was asked to end. Milliseconds; the first polls come sooner. */
const LONGEST_POLL_MS = 32;

/** How many polls per check for zombies, which requires reading all of `/proc` or asking `ps`. */
const POLLS_PER_ZOMBIE_CHECK = 8;

/** Applies a stop request to one process group. */
export interface StopFollower {
  /** Whether the group has been asked to end. */
  readonly requested: boolean;
  /** Resolves once no member of the group is alive, or `KILL_WAIT_MS` after SIGKILL. */
  groupGone(): Promise<void>;
  /** Stops following: sends no more signals, and removes all listeners. */
  dispose(): void;
}

/** Forwards a stop request to a process group, as described in `StopRequest`. */
export function followStop(groupId: number, stop: StopRequest): StopFollower {
  let requested = false;
  let killedAtMs: number | undefined;
  let graceTimer: NodeJS.Timeout | undefined;

  function terminate(): void {
    if (requested) return;
    requested = true;
    sendSignal(-groupId, "SIGTERM");
    graceTimer = setTimeout(kill, stop.graceMs);
  }
  function kill(): void {
    requested = true;
    killedAtMs ??= performance.now();
    clearTimeout(graceTimer);
    sendSignal(-groupId, "SIGKILL");
  }

  stop.terminate.addEventListener("abort", terminate);
  stop.kill.addEventListener("abort", kill);
  // Asked for while the process was being started.
  if (stop.kill.aborted) kill();
  else if (stop.terminate.aborted) terminate();

  return {
    get requested() {
      return requested;
    },
    async groupGone() {
      let pollMs = 1;
      for (let poll = 1; ; poll += 1) {
        const zombieCheck = poll % POLLS_PER_ZOMBIE_CHECK === 0;
        if (zombieCheck ? !groupIsRunning(groupId) : !groupExists(groupId)) return;
        if (killedAtMs !== undefined) {
          if (performance.now() - killedAtMs > KILL_WAIT_MS) return;
          // Again, for members forked while the first signal was being delivered.
          sendSignal(-groupId, "SIGKILL");
        }
        await delay(pollMs);
        pollMs = Math.min(pollMs * 2, LONGEST_POLL_MS);
      }
    },
    dispose() {
      clearTimeout(graceTimer);
      stop.terminate.removeEventListener("abort", terminate);
      stop.kill.removeEventListener("abort", kill);
    },
  };
}
