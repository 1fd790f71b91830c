import type { Clock, Exchange, TakenWork } from "@loom/ports";
import { fence } from "./fence.ts";
import { FileCourier } from "./file-courier.ts";
import { HeldLease } from "./held-lease.ts";
import { RUN_LEASES, WORKER_LEASES, type KnownWorker } from "./leases.ts";
import { findMessages } from "./find-messages.ts";
import { decodeMessage } from "./message-codec.ts";
import { CONTRACT_VERSION, offerId, queueOf, subjectsOf, type Happening, type Offer } from "./messages.ts";
import { createSealKeys } from "./sealed-box.ts";
import { ServedAttempt, type ServingPlace } from "./served-attempt.ts";
import { pause } from "./pause.ts";

/** How long a worker goes on with a job whose coordinator is gone, unless something else is said. Milliseconds. */
export const ORPHAN_GRACE_MS = 600_000;

/** How many bytes of packed workspaces, caches and artifacts a worker keeps. */
const KEPT_BYTES = 1024 ** 3;

/** How long to wait before an exchange that does not answer is asked again. Milliseconds. */
const AGAIN_AFTER_MS = 1_000;

/** How long to wait for an exchange that does not answer, when what runs is handed back. Milliseconds. */
const HAND_BACK_WITHIN_MS = 5_000;

/** What a worker is made of. */
export interface WorkerOptions {
  readonly exchange: Exchange;
  readonly clock: Clock;
  /** Its name, which no other worker has: letters, digits, `_` and `-`. */
  readonly name: string;
  /** The machine that it is on. */
  readonly host: string;
  /** The pools whose jobs it takes. */
  readonly pools: readonly string[];
  /** How many jobs it carries out at a time: 1 or more. */
  readonly slots: number;
  /** What is said of it where workers are listed. Default: nothing. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Version of the program. */
  readonly version: string;
  /** Absolute path of a folder for files on their way. */
  readonly folder: string;
  /** How long a job goes on whose coordinator is gone. Milliseconds. Default: {@link ORPHAN_GRACE_MS}. */
  readonly orphanGraceMs?: number | undefined;
  /** Makes a place for a job, with the workspace that it is to find. */
  readonly receive: (
    ...given: [...Parameters<ServingPlace["receive"]>, FileCourier]
  ) => ReturnType<ServingPlace["receive"]>;
  /** Called when a job begins and when it is over. `replaced`: it was taken from this worker. Default: not called. */
  readonly onJob?:
    | ((offer: Offer, state: "begun" | "done" | "replaced" | "failed", why?: string) => void)
    | undefined;
}

/** A worker under way. */
export interface Worker {
  /** Takes nothing new. What runs may end; what still does after so many milliseconds is handed back. */
  leave(withinMs: number): void;
  /** Ends what runs at once, and hands it back. */
  kill(): void;
  /** Resolves when the worker has left. */
  readonly left: Promise<void>;
}

/** Starts to take jobs, and carries them out until it is asked to leave. */
export function startWorker(options: WorkerOptions): Worker {
  const loop = new WorkerLoop(options);
  return { leave: (withinMs) => loop.leave(withinMs), kill: () => loop.leave(0), left: loop.run() };
}

interface Serving {
  readonly offer: Offer;
  readonly attempt: ServedAttempt;
  taken: TakenWork;
  /** Whether nothing runs for it any more. */
  isOver?: true;
  /** Since when nothing was heard of its coordinator. */
  orphanedSinceMs?: number;
}

class WorkerLoop {
  readonly #options: WorkerOptions;
  readonly #courier: FileCourier;
  readonly #lease: HeldLease;
  readonly #keys = createSealKeys();
  readonly #serving = new Map<string, Serving>();
  readonly #leaving = new AbortController();
  readonly #over = new AbortController();
  readonly #handedBack = new Set<Promise<void>>();
  /** How often to say that what runs is still worked on. */
  #keepEveryMs: number;
  #cancelKeeping: (() => void) | undefined;
  #cancelHandingBack: (() => void) | undefined;
  #wake: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    const { exchange, clock, folder, name } = options;
    this.#options = options;
    this.#keepEveryMs = exchange.leases.ttlMs / 3;
    this.#courier = new FileCourier({ blobs: exchange.blobs, folder, keepsBytes: KEPT_BYTES, clock });
    this.#lease = new HeldLease(exchange.leases, clock, {
      key: `${WORKER_LEASES}${name}`,
      value: () => this.#known(),
    });
  }

  async run(): Promise<void> {
    await this.#lease.say();
    this.#keepLater();
    await Promise.all(this.#options.pools.map(async (pool) => await this.#serve(pool)));
    await this.#untilIdle();
    await Promise.all(this.#handedBack);
    this.#cancelKeeping?.();
    this.#cancelHandingBack?.();
    this.#over.abort();
    await this.#lease.release();
  }

  leave(withinMs: number): void {
    this.#leaving.abort();
    this.#changed();
    this.#cancelHandingBack?.();
    this.#cancelHandingBack = this.#options.clock.after(withinMs, () => {
      for (const serving of this.#serving.values()) this.#handBack(serving, "its worker was asked to leave");
      // Otherwise it begins anew elsewhere when nothing was heard of this worker for some time.
      this.#cancelHandingBack = this.#options.clock.after(HAND_BACK_WITHIN_MS, () => this.#over.abort());
    });
  }

  #known(): KnownWorker {
    const { name, host, pools, slots, labels = {}, version } = this.#options;
    const running = this.#underWay().map(({ offer }) => offer);
    const isLeaving = this.#leaving.signal.aborted;
    return { name, host, pools, slots, labels, version, contract: CONTRACT_VERSION, isLeaving, running };
  }

  async #serve(pool: string): Promise<void> {
    const { queue } = this.#options.exchange;
    const { signal } = this.#leaving;
    while (!signal.aborted) {
      if (!this.#hasSlot()) {
        await this.#untilChanged();
        continue;
      }
      try {
        const taken = await queue.take(queueOf(pool), signal);
        if (taken === undefined) return;
        // Another pool may have had work for the last slot.
        if (this.#hasSlot() && !signal.aborted) this.#begin(taken);
        else await taken.giveBack();
      } catch {
        await pause(this.#options.clock, AGAIN_AFTER_MS);
      }
    }
  }

  #hasSlot(): boolean {
    return this.#underWay().length < this.#options.slots;
  }

  #underWay(): readonly Serving[] {
    return [...this.#serving.values()].filter(({ isOver }) => isOver !== true);
  }

  #begin(taken: TakenWork): void {
    const offer = decodeMessage<Offer>(taken.data);
    const id = offerId(offer);
    const known = this.#serving.get(id);
    if (known !== undefined) {
      // This worker has been silent for too long, and is given its own job once more.
      known.taken = taken;
      return;
    }
    const { exchange, clock, name: worker, host, receive, onJob } = this.#options;
    const attempt = new ServedAttempt(offer, {
      log: exchange.log,
      courier: this.#courier,
      clock,
      worker,
      host,
      keys: this.#keys,
      receive: async (...given) => await receive(...given, this.#courier),
    });
    const serving: Serving = { offer, attempt, taken };
    this.#serving.set(id, serving);
    this.#keepWithin(taken.silentAfterMs);
    void this.#lease.say();
    onJob?.(offer, "begun");
    // In the background: the slot is taken, and another one may be free.
    void this.#carryOut(serving);
  }

  async #carryOut(serving: Serving): Promise<void> {
    const { offer, attempt } = serving;
    const { onJob } = this.#options;
    try {
      const how = await attempt.serve();
      if (how === "replaced") await this.#endForeign(serving);
      if (how === "forgotten") onJob?.(offer, "replaced", "its run is over");
      else onJob?.(offer, how);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      await this.#fence(attempt.entries, offer, `its worker failed: ${why}`);
      onJob?.(offer, "failed", why);
    } finally {
      // Nothing runs for it any more, so another one may begin.
      serving.isOver = true;
      this.#changed();
      await Promise.allSettled([attempt.remove(), serving.taken.finish()]);
      this.#serving.delete(offerId(offer));
      this.#changed();
    }
  }

  /**
   * Ends an attempt that another worker has, of which nothing is heard any more, so that it can begin anew. The queue may give a
   * piece of work to a second worker while the first one is there.
   */
  async #endForeign({ offer, attempt, taken }: Serving): Promise<void> {
    const { exchange, name } = this.#options;
    const holder = await this.#holderOf(offer);
    if (holder !== undefined && holder !== name) {
      const there = await exchange.leases.list(WORKER_LEASES);
      if (there.has(`${WORKER_LEASES}${holder}`)) return;
    }
    const silentS = taken.silentAfterMs / 1_000;
    await this.#fence(attempt.entries, offer, `nothing was heard of it for ${silentS} s`);
  }

  /** The worker that began an attempt. */
  async #holderOf(offer: Offer): Promise<string | undefined> {
    const { exchange, clock } = this.#options;
    const place = { subject: subjectsOf(offer).happenings, n: 1 };
    const [first] = (await findMessages<Happening>(exchange.log, clock, place))?.messages ?? [];
    return first?.kind === "begun" ? first.worker : undefined;
  }

  #handBack({ offer, attempt }: Serving, why: string): void {
    this.#handedBack.add(this.#fence(attempt.entries, offer, why));
    attempt.giveUp();
  }

  async #fence(entries: number, offer: Offer, why: string): Promise<void> {
    const { exchange, clock, name } = this.#options;
    const subject = subjectsOf(offer).happenings;
    const by = `${name}-end`;
    await fence({ log: exchange.log, subject, by, why, clock, signal: this.#over.signal }, entries);
  }

  #keepWithin(silentAfterMs: number): void {
    const everyMs = silentAfterMs / 3;
    if (everyMs >= this.#keepEveryMs) return;
    this.#keepEveryMs = everyMs;
    this.#keepLater();
  }

  /** Says that what runs is still worked on, and gives up what nobody waits for. */
  #keepLater(): void {
    this.#cancelKeeping?.();
    this.#cancelKeeping = this.#options.clock.after(this.#keepEveryMs, () => {
      this.#keepLater();
      void this.#keep();
    });
  }

  async #keep(): Promise<void> {
    const serving = [...this.#serving.values()];
    if (serving.length === 0) return;
    try {
      await Promise.all(serving.map(async ({ taken }) => await taken.keep()));
      const runs = await this.#options.exchange.leases.list(RUN_LEASES);
      for (const each of serving) await this.#lookAfter(each, runs.has(`${RUN_LEASES}${each.offer.runId}`));
    } catch {
      // Where nobody answers it is tried again soon.
    }
  }

  async #lookAfter(serving: Serving, isRunThere: boolean): Promise<void> {
    const { clock, exchange, orphanGraceMs = ORPHAN_GRACE_MS } = this.#options;
    if (isRunThere) {
      delete serving.orphanedSinceMs;
      return;
    }
    const { attempt, offer } = serving;
    // A run that is over takes back what was said.
    if ((await exchange.log.count(subjectsOf(offer).happenings)) < attempt.entries) return attempt.giveUp();
    const nowMs = clock.now();
    serving.orphanedSinceMs ??= nowMs;
    if (nowMs - serving.orphanedSinceMs >= orphanGraceMs)
      this.#handBack(serving, "nothing was heard of its run for too long");
  }

  #changed(): void {
    void this.#lease.say();
    for (const wake of this.#wake) wake();
    this.#wake = [];
  }

  async #untilChanged(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  async #untilIdle(): Promise<void> {
    while (this.#serving.size > 0) await this.#untilChanged();
  }
}
