import type { SharedLog } from "./shared-log.ts";

/** A piece of work that somebody has taken. It goes to another one when nothing is heard of that one for some time. */
export interface TakenWork {
  readonly data: Uint8Array;
  /** How many were given it before, and did not finish it. */
  readonly earlierTakers: number;
  /** How long its taker may say nothing of it. Milliseconds. */
  readonly silentAfterMs: number;
  /** Says that it is still worked on. To be said at least three times in {@link TakenWork.silentAfterMs}. */
  keep(): Promise<void>;
  /** Nobody gets it any more. */
  finish(): Promise<void>;
  /** The next one gets it at once. */
  giveBack(): Promise<void>;
}

/** Work that waits for whoever takes it, in pools: the oldest first, each to one at a time. */
export interface WorkQueue {
  /**
   * Adds a piece of work to a pool. One with the same id within two minutes is the same, and is added once.
   *
   * Rejects when it is not known whether it was added: try again.
   *
   * @param pool - Letters, digits, `_` and `-`.
   */
  offer(pool: string, id: string, data: Uint8Array): Promise<void>;
  /** Waits for a piece of work, and takes it. @returns `undefined` once the signal aborts. */
  take(pool: string, signal: AbortSignal): Promise<TakenWork | undefined>;
}

/** Who is there: each says so again and again, and is gone some time after the last word. */
export interface Leases {
  /** How long a word counts. Milliseconds. */
  readonly ttlMs: number;
  /**
   * Says that somebody is there, and something about them.
   *
   * @param key - Words of letters, digits, `_` and `-`, with dots between them.
   */
  hold(key: string, value: Uint8Array): Promise<void>;
  /** Says that they are gone. */
  release(key: string): Promise<void>;
  /** Who is there, in the order of the keys. @param prefix - Whole words, with a dot at its end. */
  list(prefix: string): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** Contents of files under names that stand for them: equal names have equal contents. */
export interface BlobStore {
  has(name: string): Promise<boolean>;
  /** Stores the content of a file. Whole, or not at all. @param path - Absolute. */
  put(name: string, path: string): Promise<void>;
  /** Writes the content to a file, whole or not at all. @returns False when there is none of that name. */
  get(name: string, path: string): Promise<boolean>;
  remove(name: string): Promise<void>;
}

/** What machines that work on a run together have in common. Others keep it, such as an engine for messages. */
export interface Exchange {
  readonly log: SharedLog;
  readonly queue: WorkQueue;
  readonly leases: Leases;
  readonly blobs: BlobStore;
}
