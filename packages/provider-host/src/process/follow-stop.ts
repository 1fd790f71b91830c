import type { StopRequest } from "@loom/ports";
import { delay } from "../delay.ts";
import { groupExists, groupIsRunning, sendSignal } from "./process-group.ts";

/**
 * How long a group may stay after SIGKILL before it is given up on.
 *
 * Unit: milliseconds. Only a process stuck in the kernel (a dead network
 * file system) takes longer than one scheduling round; waiting for that
 * would keep the whole run from ending.
 */
const KILL_WAIT_MS = 5_000;

/** Longest time between two looks at a group that was asked to end. Milliseconds; the first looks come sooner. */
const LONGEST_LOOK_MS = 32;

/** Every how many looks zombies are told from members that can run, which means reading all of `/proc`. */
const LOOKS_PER_CLOSE_LOOK = 8;

/** A stop request tied to one process group. */
export interface StopFollower {
  /** Whether the group has been asked to end. */
  readonly requested: boolean;
  /** Resolves once no member of the group can run, or `KILL_WAIT_MS` after SIGKILL. */
  groupGone(): Promise<void>;
  /** Stops following: no signal is sent any more, nothing is left registered. */
  dispose(): void;
}

/** Passes a stop request on to a process group, as `StopRequest` describes. */
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

  return {
    get requested() {
      return requested;
    },
    async groupGone() {
      let lookMs = 1;
      for (let look = 1; ; look += 1) {
        const closely = look % LOOKS_PER_CLOSE_LOOK === 0;
        if (closely ? !groupIsRunning(groupId) : !groupExists(groupId)) return;
        if (killedAtMs !== undefined) {
          if (performance.now() - killedAtMs > KILL_WAIT_MS) return;
          // Again, for members that were forked while the first one was on its way.
          sendSignal(-groupId, "SIGKILL");
        }
        await delay(lookMs);
        lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS);
      }
    },
    dispose() {
      clearTimeout(graceTimer);
      stop.terminate.removeEventListener("abort", terminate);
      stop.kill.removeEventListener("abort", kill);
    },
  };
}
