import { setImmediate } from "node:timers/promises";

/**
 * How long work on many small files may block the event loop at a time.
 *
 * Unit: milliseconds. Source: half a frame at 60 Hz, so that whatever else the program draws or reads does not
 * visibly stall.
 */
const SLICE_MS = 8;

/** Yields to other work when its time slice is used up. Create one per task. */
export class Yielder {
  #since: number = performance.now();

  /** Whether it is time to call `yield`. */
  get isDue(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  /** Lets everything else that is ready run. */
  async yield(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
