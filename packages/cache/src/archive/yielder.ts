import { setImmediate } from "node:timers/promises";

/**
 * How long work on many small files may hold the event loop in one piece.
 *
 * Unit: milliseconds. Source: half of a frame at 60 a second, so that whatever
 * else the program draws or reads is not seen to wait.
 */
const SLICE_MS = 8;

/** Yields to other work when its slice of time is used up. Create one for each task. */
export class Yielder {
  #since: number = performance.now();

  /** Whether it is time to call `yield`. */
  get isDue(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  /** Lets everything else that is ready run first. */
  async yield(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
