import { formatDuration } from "@loom/core";
import type { Clock, Leases } from "@loom/ports";
import type { AttemptCalls } from "./attempt-calls.ts";
import { WORKER_LEASES, type KnownWorker } from "./leases.ts";
import { decodeMessage } from "./message-codec.ts";
import { CONTRACT_VERSION } from "./messages.ts";

/** How long nothing may be heard of what brings jobs to workers, unless something else is said. Milliseconds. */
export const ENGINE_TIMEOUT_MS = 600_000;

/** When it is looked for the first time who is there for a pool. Milliseconds. */
const FIRST_LOOK_MS = 2_000;

/** Who hears what becomes of the workers of a run. */
export interface WatchListener {
  /** Something that a person should know. @param message - A sentence without a full stop. */
  readonly notice: (message: string) => void;
  /** Nothing was heard of what brings jobs to workers for too long. @param message - Likewise. */
  readonly giveUp: (message: string) => void;
}

/** Looks who is there: gives attempts up whose workers are gone, and says what jobs wait for. */
export class WorkerWatch {
  readonly #leases: Leases;
  readonly #clock: Clock;
  readonly #listener: WatchListener;
  readonly #timeoutMs: number;
  /** By attempt, the pool whose workers it is for. */
  readonly #attempts = new Map<AttemptCalls, string>();
  readonly #told = new Set<string>();
  #awaySinceMs: number | undefined;
  /** The pools of which there were attempts. */
  readonly #pools = new Set<string>();
  /** Whether there is a pool of which nobody has looked whether it has workers. */
  #isSoon = false;
  #isLooking = false;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(
    leases: Leases,
    clock: Clock,
    { timeoutMs, ...listener }: WatchListener & { readonly timeoutMs: number },
  ) {
    this.#leases = leases;
    this.#clock = clock;
    this.#listener = listener;
    this.#timeoutMs = timeoutMs;
  }

  add(calls: AttemptCalls, pool: string): void {
    this.#attempts.set(calls, pool);
    if (!this.#pools.has(pool)) this.#isSoon = true;
    this.#pools.add(pool);
    if (this.#isSoon && !this.#isLooking) {
      this.#cancel?.();
      this.#cancel = undefined;
    }
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
    const everyMs = this.#leases.ttlMs / 3;
    const afterMs = this.#isSoon ? Math.min(everyMs, FIRST_LOOK_MS) : everyMs;
    this.#cancel = this.#clock.after(afterMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#isSoon = false;
    this.#isLooking = true;
    // Who began while it was asked may not be in the answer.
    const begun = [...this.#attempts.keys()].filter(({ worker }) => worker !== undefined);
    if (this.#attempts.size > 0)
      try {
        const there = await this.#leases.list(WORKER_LEASES);
        this.#isBack();
        for (const calls of begun)
          if (!there.has(`${WORKER_LEASES}${calls.worker}`))
            calls.lose(`nothing was heard of it for ${this.#leases.ttlMs / 1_000} s`);
        this.#tellOfPools([...there.values()].map((value) => decodeMessage<KnownWorker>(value)));
      } catch {
        // Where nobody answers, nothing is known of the workers.
        this.#isAway();
      }
    this.#cancel = undefined;
    this.#isLooking = false;
    if (this.#attempts.size > 0) this.#later();
  }

  #isAway(): void {
    const nowMs = this.#clock.now();
    if (this.#awaySinceMs === undefined) {
      this.#awaySinceMs = nowMs;
      this.#listener.notice("Nothing is heard of the engine that brings jobs to workers: they wait for it");
    }
    const awayMs = nowMs - this.#awaySinceMs;
    if (awayMs < this.#timeoutMs) return;
    const why = `was heard of the engine that brings jobs to workers for ${formatDuration(awayMs)}`;
    this.#listener.giveUp(`Nothing ${why}`);
    // No worker will hear that it is to stop.
    for (const calls of this.#attempts.keys()) calls.lose(`nothing ${why}`);
  }

  #isBack(): void {
    if (this.#awaySinceMs === undefined) return;
    this.#awaySinceMs = undefined;
    this.#listener.notice("The engine that brings jobs to workers is back");
  }

  /** Says, once for each, of which pools jobs wait though nobody takes any. */
  #tellOfPools(workers: readonly KnownWorker[]): void {
    for (const [calls, pool] of this.#attempts) {
      if (calls.worker !== undefined || this.#told.has(pool)) continue;
      const ofPool = workers.filter(({ pools, isLeaving }) => pools.includes(pool) && !isLeaving);
      if (ofPool.some(({ contract }) => contract === CONTRACT_VERSION)) continue;
      this.#told.add(pool);
      const others = ofPool.map(({ name, version }) => `${name} has loom ${version}`).join(", ");
      const why = others === "" ? "No worker takes" : `No worker of this version takes`;
      const who = others === "" ? "" : ` (${others})`;
      this.#listener.notice(`${why} jobs of pool "${pool}"${who}: they wait for one`);
    }
  }
}
