import { readFile, writeFile } from "node:fs/promises";
import type { BlobStore, Clock, Exchange, Leases, SharedLog, WorkQueue } from "@loom/ports";
import { MemoryLog } from "../shared-log/memory-log.ts";
import { MemoryQueue } from "./memory-queue.ts";

/** What a memory exchange may be given. */
export interface MemoryExchangeParts {
  /** Default: one without trouble. */
  readonly log?: SharedLog;
  /** Milliseconds. Default: 30,000. */
  readonly silentAfterMs?: number;
  /** Milliseconds. Default: 30,000. */
  readonly leaseTtlMs?: number;
}

/** An exchange in memory, for all who are given it. Its time is that of the clock. */
export class MemoryExchange implements Exchange {
  readonly log: SharedLog;
  readonly queue: WorkQueue;
  readonly leases: Leases;
  readonly blobs: BlobStore = new MemoryBlobs();

  constructor(
    clock: Clock,
    { log = new MemoryLog(), silentAfterMs = 30_000, leaseTtlMs = 30_000 }: MemoryExchangeParts = {},
  ) {
    this.log = log;
    this.queue = new MemoryQueue(clock, silentAfterMs);
    this.leases = new MemoryLeases(clock, leaseTtlMs);
  }
}

class MemoryLeases implements Leases {
  readonly ttlMs: number;
  readonly #clock: Clock;
  readonly #held = new Map<string, { readonly value: Uint8Array; readonly untilMs: number }>();

  constructor(clock: Clock, ttlMs: number) {
    this.#clock = clock;
    this.ttlMs = ttlMs;
  }

  hold(key: string, value: Uint8Array): Promise<void> {
    this.#held.set(key, { value: value.slice(), untilMs: this.#clock.now() + this.ttlMs });
    return Promise.resolve();
  }

  release(key: string): Promise<void> {
    this.#held.delete(key);
    return Promise.resolve();
  }

  list(prefix: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const nowMs = this.#clock.now();
    const there = [...this.#held].filter(([key, { untilMs }]) => key.startsWith(prefix) && untilMs > nowMs);
    return Promise.resolve(
      new Map(
        there.map(([key, { value }]) => [key, value] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
    );
  }
}

class MemoryBlobs implements BlobStore {
  readonly #contents = new Map<string, Uint8Array>();

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.#contents.has(name));
  }

  async put(name: string, path: string): Promise<void> {
    this.#contents.set(name, await readFile(path));
  }

  async get(name: string, path: string): Promise<boolean> {
    const content = this.#contents.get(name);
    if (content === undefined) return false;
    await writeFile(path, content);
    return true;
  }

  remove(name: string): Promise<void> {
    this.#contents.delete(name);
    return Promise.resolve();
  }
}
