import type { Clock, Leases } from "@loom/ports";
import type { AttemptCalls } from "./attempt-calls.ts";
import { WORKER_LEASES } from "./leases.ts";

/** Gives attempts up whose workers are gone. */
export class WorkerWatch {
  readonly #leases: Leases;
  readonly #clock: Pick<Clock, "after">;
  readonly #attempts = new Set<AttemptCalls>();
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(leases: Leases, clock: Pick<Clock, "after">) {
    this.#leases = leases;
    this.#clock = clock;
  }

  add(calls: AttemptCalls): void {
    this.#attempts.add(calls);
    this.#later();
  }

  remove(calls: AttemptCalls): void {
    this.#attempts.delete(calls);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #later(): void {
    if (this.#cancel !== undefined || this.#isClosed) return;
    this.#cancel = this.#clock.after(this.#leases.ttlMs / 3, () => void this.#look());
  }

  async #look(): Promise<void> {
    // Who began while it was asked may not be in the answer.
    const begun = [...this.#attempts].filter(({ worker }) => worker !== undefined);
    try {
      const there = begun.length === 0 ? undefined : await this.#leases.list(WORKER_LEASES);
      for (const calls of begun) {
        if (there?.has(`${WORKER_LEASES}${calls.worker}`) !== false) continue;
        calls.lose(`nothing was heard of it for ${this.#leases.ttlMs / 1_000} s`);
      }
    } catch {
      // Where nobody answers, nothing is known of the workers.
    }
    this.#cancel = undefined;
    if (this.#attempts.size > 0) this.#later();
  }
}
