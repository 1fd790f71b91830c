import { epochMs, type EpochMs } from "@loom/core";
import type { Clock } from "@loom/ports";

/**
 * Time that advances only from one timer to the next.
 *
 * Timers count elapsed milliseconds; `now` is the machine's clock, which can be set.
 */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  #offsetMs = 0;
  #timers: Timer[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Milliseconds elapsed since the start. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  now(): EpochMs {
    return epochMs(this.#startMs + this.#elapsedMs + this.#offsetMs);
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    let at = this.#timers.length;
    while (at > 0 && (this.#timers[at - 1]?.atMs ?? 0) > timer.atMs) at -= 1;
    this.#timers.splice(at, 0, timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place !== -1) this.#timers.splice(place, 1);
    };
  }

  /** Resolves after `ms`. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Changes the machine's clock. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /**
   * Advances to the earliest timer and calls it; among several at one moment, the one set first.
   *
   * @returns Whether there was a timer.
   */
  advance(): boolean {
    const timer = this.#timers.shift();
    if (timer === undefined) return false;
    this.#elapsedMs = timer.atMs;
    timer.callback();
    return true;
  }
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}
