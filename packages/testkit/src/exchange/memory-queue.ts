import type { Clock, TakenWork, WorkQueue } from "@loom/ports";

/** For how long work of the same id is the same. Milliseconds. */
const SAME_WITHIN_MS = 2 * 60 * 1_000;

/** A piece of work that is not finished. */
interface Waiting {
  readonly pool: string;
  readonly data: Uint8Array;
  /** How many were given it. */
  takers: number;
  /** Takes it away from who has it when nothing is heard any more. Undefined while nobody has it. */
  cancelSilence: (() => void) | undefined;
}

/** A queue of work in memory. */
export class MemoryQueue implements WorkQueue {
  readonly #clock: Clock;
  readonly #silentAfterMs: number;
  /** The oldest first. */
  readonly #waiting = new Set<Waiting>();
  /** When work was offered, by its id. */
  readonly #offeredMs = new Map<string, number>();
  readonly #takers = new Set<() => void>();

  constructor(clock: Clock, silentAfterMs: number) {
    this.#clock = clock;
    this.#silentAfterMs = silentAfterMs;
  }

  offer(pool: string, id: string, data: Uint8Array): Promise<void> {
    const nowMs = this.#clock.now();
    const offeredMs = this.#offeredMs.get(id);
    if (offeredMs === undefined || nowMs - offeredMs >= SAME_WITHIN_MS) {
      this.#offeredMs.set(id, nowMs);
      this.#waiting.add({ pool, data: data.slice(), takers: 0, cancelSilence: undefined });
      this.#wake();
    }
    return Promise.resolve();
  }

  async take(pool: string, signal: AbortSignal): Promise<TakenWork | undefined> {
    while (!signal.aborted) {
      for (const work of this.#waiting)
        if (work.pool === pool && work.cancelSilence === undefined) return this.#give(work);
      await this.#more(signal);
    }
    return undefined;
  }

  #give(work: Waiting): TakenWork {
    work.takers += 1;
    const taker = work.takers;
    const isMine = (): boolean =>
      this.#waiting.has(work) && work.takers === taker && work.cancelSilence !== undefined;
    this.#watch(work);
    return {
      data: work.data,
      earlierTakers: taker - 1,
      silentAfterMs: this.#silentAfterMs,
      keep: () => {
        if (isMine()) this.#watch(work);
        return Promise.resolve();
      },
      finish: () => {
        work.cancelSilence?.();
        this.#waiting.delete(work);
        return Promise.resolve();
      },
      giveBack: () => {
        if (isMine()) this.#free(work);
        return Promise.resolve();
      },
    };
  }

  /** From now on, something has to be heard. */
  #watch(work: Waiting): void {
    work.cancelSilence?.();
    work.cancelSilence = this.#clock.after(this.#silentAfterMs, () => this.#free(work));
  }

  #free(work: Waiting): void {
    work.cancelSilence?.();
    work.cancelSilence = undefined;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#takers) wake();
  }

  /** Resolves when there may be work, or the signal has aborted. */
  async #more(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#takers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#takers.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
