import { epochMs, type EpochMs } from "@loom/core";
import type { Clock } from "@loom/ports";

/** A clock that moves only when the test says so. */
export class FakeClock implements Clock {
  #nowMs: number;
  #timers: Timer[] = [];

  /** @param startMs - The first moment. Default: 2026-01-01T00:00:00Z. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): EpochMs {
    return epochMs(this.#nowMs);
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many calls are still to be made. */
  get pending(): number {
    return this.#timers.length;
  }

  /**
   * Moves on, and makes the calls that fall due on the way, earliest first,
   * ties in the order in which they were asked for. Each sees its own moment.
   */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#earliest();
      if (due === undefined || due.atMs > untilMs) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = untilMs;
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.atMs < earliest.atMs) earliest = timer;
    }
    return earliest;
  }
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}
