import { epochMs } from "@loom/core";
import type { Clock } from "@loom/ports";

/**
 * The real clock: starts at the machine's time and continues by monotonic time,
 * so that changing the machine's clock does not turn back a run's time.
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
