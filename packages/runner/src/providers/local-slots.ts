import { err, ok } from "@loom/core";
import type { JobProvider } from "@loom/ports";
import { holding, type TakeForJob } from "./holding.ts";

/** How many jobs this machine carries out at a time, where a run has more of them elsewhere. */
export class LocalSlots {
  #free: number;
  #waiting: (() => void)[] = [];

  /** @param count - A whole number, 1 or more. */
  constructor(count: number) {
    this.#free = count;
  }

  /** A provider of which so many jobs are set up at a time. */
  around(provider: JobProvider): JobProvider {
    return holding(provider, async (...given) => await this.#take(...given));
  }

  async #take(...[, section, { terminate, kill }]: Parameters<TakeForJob>): ReturnType<TakeForJob> {
    if (this.#free === 0) section.log("info", "The job waits until fewer jobs run on this machine");
    const stop = AbortSignal.any([terminate, kill]);
    while (this.#free === 0 && !stop.aborted)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        stop.addEventListener("abort", () => resolve(), { once: true });
      });
    if (stop.aborted) {
      const message = "The job was not set up: it was to end while it waited for others on this machine";
      return err({ code: "cancelled", message });
    }
    this.#free -= 1;
    return ok(() => this.#release());
  }

  #release(): void {
    this.#free += 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
