import type { Clock } from "@loom/ports";

/**
 * Minimum time between two renders for changes of the run.
 *
 * Unit: milliseconds. Source: docs/terminal.md#the-views, at most ten
 * frames a second; one costs about 11 ms of CPU on a screen of 200×60.
 */
export const RENDER_INTERVAL_MS = 100;

/** Which part of a core the renders for changes of the run may take in the long run. */
const RENDER_SHARE = 0.01;

/** The same of the paints of a growing log, which is to be seen moving. */
const LOG_SHARE = 0.02;

/** What they may take at once, so that a change now and then is seen at once. Unit: milliseconds; some five frames. */
const BURST_MS = 60;

/** How long they wait for their share at most. Unit: milliseconds. */
const LONGEST_REST_MS = 1_000;

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
  #lastLogMs = Number.NEGATIVE_INFINITY;
  readonly #renders = new Share(RENDER_SHARE);
  readonly #paints = new Share(LOG_SHARE);
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
    const atMs = forKey
      ? this.#lastRenderMs + KEY_INTERVAL_MS
      : Math.max(this.#lastRenderMs + RENDER_INTERVAL_MS, this.#renders.fromMs(this.#clock.now()));
    this.after("render", this.#until(atMs), work);
  }

  /**
   * Paints the log once the interval since its last paint has passed.
   *
   * @param isSearching - Whether a search has more to read now, rather than having to wait for output.
   */
  paintLog(work: () => void, isSearching: boolean): void {
    const atMs = isSearching
      ? this.#lastLogMs + SEARCH_INTERVAL_MS
      : Math.max(this.#lastLogMs + LOG_INTERVAL_MS, this.#paints.fromMs(this.#clock.now()));
    this.after("log", this.#until(atMs), work);
  }

  /**
   * Call it when a frame was drawn.
   *
   * @param sinceMs - When its drawing began.
   */
  rendered(sinceMs: number): void {
    this.#lastRenderMs = sinceMs;
    this.#renders.spend(sinceMs, this.#clock.now());
  }

  /**
   * Call it when the log was painted.
   *
   * @param sinceMs - When its painting began.
   */
  logPainted(sinceMs: number): void {
    this.#lastLogMs = sinceMs;
    this.#paints.spend(sinceMs, this.#clock.now());
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

/** The processor time that one kind of drawing may take. */
class Share {
  /** Of a core. */
  readonly #share: number;
  #spentMs = 0;
  #atMs = 0;

  constructor(share: number) {
    this.#share = share;
  }

  /** From when on it may go on. */
  fromMs(nowMs: number): number {
    return nowMs + Math.max(0, this.#leftMs(nowMs) - BURST_MS) / this.#share;
  }

  spend(sinceMs: number, nowMs: number): void {
    // The wall clock may have been set meanwhile; and a machine that was busy says nothing about the next time.
    const tookMs = Math.max(0, nowMs - sinceMs);
    this.#spentMs = Math.min(this.#leftMs(nowMs) + tookMs, BURST_MS + LONGEST_REST_MS * this.#share);
    this.#atMs = nowMs;
  }

  /** What was spent and is not made up for yet. */
  #leftMs(nowMs: number): number {
    return Math.max(0, this.#spentMs - Math.max(0, nowMs - this.#atMs) * this.#share);
  }
}
