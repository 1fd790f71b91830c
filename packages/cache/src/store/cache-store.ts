import type { Clock } from "@loom/ports";

/**
 * Ten gigabytes: what the archives of a store may take together.
 *
 * Unit: bytes. Source: docs/workflow.md#cache.
 */
export const DEFAULT_MAX_BYTES = 10_000_000_000;

/** Where archives are kept, and how many of them. Plain data: nothing is open, nothing is to be closed. */
export interface CacheStore {
  /**
   * Absolute; made when something is first put into it. Its name is the version
   * of all that is in it: another version stands beside it and is not read.
   */
  readonly directory: string;
  /** Bytes on disk; what was used least recently goes first. */
  readonly maxBytes: number;
  /** Tells when archives were used. */
  readonly clock: Clock;
}

/** What a store is made of. */
export interface CacheStoreOptions {
  /** The user's folder for caches: `$XDG_CACHE_HOME`, or what stands for it. Absolute. */
  readonly cacheHome: string;
  /** Tells when archives are used. */
  readonly clock: Clock;
  /** Default `DEFAULT_MAX_BYTES`. */
  readonly maxBytes?: number | undefined;
}

/** Describes the cache store of a user; does no I/O. */
export function createCacheStore({
  cacheHome,
  clock,
  maxBytes = DEFAULT_MAX_BYTES,
}: CacheStoreOptions): CacheStore {
  return { directory: `${cacheHome}/loom/cache/v1`, clock, maxBytes };
}
