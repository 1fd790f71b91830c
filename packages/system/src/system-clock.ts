import { epochMs } from "@loom/core";
import type { Clock } from "@loom/ports";

/**
 * The real clock: starts at the machine's time and goes on by the monotonic one,
 * so that a machine whose clock is set does not turn a run's time back.
 */
export function createSystemClock(): Clock {
  const startedAtMs = Date.now();
  const originMs = performance.now();
  return {
    now: () => epochMs(startedAtMs + performance.now() - originMs),
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
