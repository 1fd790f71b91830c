import type { Clock } from "@loom/ports";

/**
 * Least time between two renders for what the run does.
 *
 * Unit: milliseconds. Source: docs/terminal.md#the-views, at most ten
 * frames a second; one costs about 11 ms of CPU on a screen of 200×60.
 */
export const RENDER_INTERVAL_MS = 100;

/** Least time between two renders for keys. Unit: milliseconds. */
export const KEY_INTERVAL_MS = 16;

/** Least time between two looks at a log that grows. Unit: milliseconds; with clocks and jobs, below 30 frames a second. */
const LOG_INTERVAL_MS = 36;

/** Least time between two looks at a log while something is looked for in it. Unit: milliseconds; keys come between. */
const SEARCH_INTERVAL_MS = 16;

/** How often the times on the screen move on. Unit: milliseconds; they show whole seconds. */
export const CLOCK_INTERVAL_MS = 1000;

/** How often the spinner turns. Unit: milliseconds. It repaints cells and renders nothing. */
export const SPINNER_INTERVAL_MS = 120;

/** How long an Esc waits for the rest of a sequence. Unit: milliseconds. */
export const ESCAPE_MS = 30;

/** How often the window is told of progress: some forget it after 15 s. Unit: milliseconds. */
export const PROGRESS_INTERVAL_MS = 5000;

/** What waits for its time. Of each there is one at most. */
export type TimerName = "render" | "log" | "clock" | "spinner" | "escape" | "progress" | "history";

/** Decides when the screen is drawn: soon, but not more often than it may. */
export class Timing {
  readonly #clock: Clock;
  readonly #timers = new Map<TimerName, () => void>();
  #lastRenderMs = Number.NEGATIVE_INFINITY;
  #lastLogMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Whether something waits for its time. */
  isDue(name: TimerName): boolean {
    return this.#timers.has(name);
  }

  /** Does the work after a while, unless it waits already. */
  after(name: TimerName, delayMs: number, work: () => void): void {
    if (this.#closed || this.#timers.has(name)) return;
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(name);
      work();
    });
    this.#timers.set(name, cancel);
  }

  cancel(name: TimerName): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  /** Renders as soon as the last frame is old enough; never at once, as it is asked for in the midst of other work. */
  render(work: () => void, forKey: boolean): void {
    if (forKey) this.cancel("render");
    const interval = forKey ? KEY_INTERVAL_MS : RENDER_INTERVAL_MS;
    this.after("render", this.#until(this.#lastRenderMs + interval), work);
  }

  /**
   * Looks at the log as soon as the last look is old enough.
   *
   * @param isSearching - Whether there is more to look through, and not only to wait for.
   */
  look(work: () => void, isSearching: boolean): void {
    this.after(
      "log",
      this.#until(this.#lastLogMs + (isSearching ? SEARCH_INTERVAL_MS : LOG_INTERVAL_MS)),
      work,
    );
  }

  /** Notes that a frame is drawn now. */
  rendered(): void {
    this.#lastRenderMs = this.#clock.now();
  }

  /** Notes that the log is looked at now. */
  looked(): void {
    this.#lastLogMs = this.#clock.now();
  }

  /** Nothing that waits is done any more. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #until(atMs: number): number {
    return Math.max(0, atMs - this.#clock.now());
  }
}
