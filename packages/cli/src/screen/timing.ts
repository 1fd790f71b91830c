import type { Clock } from "@loom/ports";

/**
 * Minimum time between two renders for changes of the run.
 *
 * Unit: milliseconds. Source: docs/terminal.md#the-views, at most ten
 * frames a second; one costs about 11 ms of CPU on a screen of 200×60.
 */
export const RENDER_INTERVAL_MS = 100;

/** The least time between two renders for changes of the run, as a multiple of what the last one took: 5 % of a core. */
const RENDER_REST = 20;

/** A render that took longer was kept waiting by the machine, and says nothing about the next one. Unit: milliseconds. */
const MAX_RENDER_MS = 25;

/** Minimum time between two renders for keys. Unit: milliseconds. */
export const KEY_INTERVAL_MS = 16;

/** Minimum time between two paints of a growing log. Unit: milliseconds; with the renders, below 30 frames a second. */
const LOG_INTERVAL_MS = 36;

/** The same while a search is running. Unit: milliseconds; keys are handled in between. */
const SEARCH_INTERVAL_MS = 16;

/** How often the times on the screen are updated. Unit: milliseconds; they show whole seconds. */
export const CLOCK_INTERVAL_MS = 1000;

/** How often the spinner turns. Unit: milliseconds. It repaints cells and renders nothing. */
export const SPINNER_INTERVAL_MS = 120;

/** How long to wait after an Esc for the rest of a sequence. Unit: milliseconds. */
export const ESCAPE_MS = 30;

/** How often to repeat the progress for the window: some terminals drop it after 15 s. Unit: milliseconds. */
export const PROGRESS_INTERVAL_MS = 5000;

/** After how long what was printed is on disk. Unit: milliseconds. */
export const EVIDENCE_MS = 60;

/** The timers, of which each exists at most once. */
export type TimerName =
  | "render"
  | "log"
  | "clock"
  | "spinner"
  | "escape"
  | "progress"
  | "history"
  | "evidence";

/** Decides when the screen is drawn: soon, but not too often. */
export class Timing {
  readonly #clock: Clock;
  readonly #timers = new Map<TimerName, () => void>();
  #lastRenderMs = Number.NEGATIVE_INFINITY;
  #renderTookMs = 0;
  #lastLogMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Whether a timer is running. */
  isDue(name: TimerName): boolean {
    return this.#timers.has(name);
  }

  /** Does the work after a delay, unless the timer is already running. */
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

  /**
   * Renders once the interval since the last frame has passed. Never synchronously: callers are in the middle of other
   * work.
   *
   * @param forKey - Uses the shorter interval of keys, also for a render that is already due.
   */
  render(work: () => void, forKey: boolean): void {
    if (forKey) this.cancel("render");
    const interval = forKey
      ? KEY_INTERVAL_MS
      : Math.max(RENDER_INTERVAL_MS, RENDER_REST * this.#renderTookMs);
    this.after("render", this.#until(this.#lastRenderMs + interval), work);
  }

  /**
   * Paints the log once the interval since its last paint has passed.
   *
   * @param isSearching - Whether a search has more to read now, rather than having to wait for output.
   */
  paintLog(work: () => void, isSearching: boolean): void {
    this.after(
      "log",
      this.#until(this.#lastLogMs + (isSearching ? SEARCH_INTERVAL_MS : LOG_INTERVAL_MS)),
      work,
    );
  }

  /**
   * Call it when a frame was drawn.
   *
   * @param sinceMs - When its drawing began.
   */
  rendered(sinceMs: number): void {
    this.#lastRenderMs = sinceMs;
    // The wall clock may have been set meanwhile.
    this.#renderTookMs = Math.min(Math.max(0, this.#clock.now() - sinceMs), MAX_RENDER_MS);
  }

  /** Call it when the log is painted. */
  logPainted(): void {
    this.#lastLogMs = this.#clock.now();
  }

  /** Cancels all timers, and allows no new ones. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #until(atMs: number): number {
    return Math.max(0, atMs - this.#clock.now());
  }
}
