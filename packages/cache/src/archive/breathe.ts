import { setImmediate } from "node:timers/promises";

/**
 * How long work on many small files may hold the event loop in one piece.
 *
 * Unit: milliseconds. Source: half of a frame at 60 a second, so that whatever
 * else the program draws or reads is not seen to wait.
 */
const SLICE_MS = 8;

/** Lets others run when the slice of time is used up. Create one per task. */
export class Breath {
  #since: number = performance.now();

  /** Whether it is time to call `take`. */
  get due(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  /** Lets everything else that is ready run first. */
  async take(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
