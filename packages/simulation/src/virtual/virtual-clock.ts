import { epochMs, type EpochMs } from "@loom/core";
import type { Clock } from "@loom/ports";

/**
 * Time that passes only from one timer to the next.
 *
 * Timers count the milliseconds that really pass; `now` is what the machine's
 * clock shows, which can be set meanwhile.
 */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  #offsetMs = 0;
  #timers: Timer[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Milliseconds since the start that have really passed. */
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

  /** Resolves after a while. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Sets what the machine's clock shows. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /**
   * Goes on to the earliest timer and makes its call; of several at one moment,
   * the one that was asked for first.
   *
   * @returns Whether there was one.
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
