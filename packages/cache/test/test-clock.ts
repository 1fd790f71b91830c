import { epochMs } from "@loom/core";
import type { Clock } from "@loom/ports";

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void;
}

/** Starts at the real time, so that it compares with file times. */
export function testClock(): TestClock {
  let now = Date.now();
  return {
    now: () => epochMs(now),
    after: () => () => {},
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}
