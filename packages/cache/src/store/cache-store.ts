import type { Clock } from "@loom/ports";

/**
 * Ten gigabytes: the default limit for all archives of a store.
 *
 * Unit: bytes. Source: docs/workflow.md#cache.
 */
export const DEFAULT_MAX_BYTES = 10_000_000_000;

/** Where archives are kept, and how much of them. Plain data: there is nothing to close. */
export interface CacheStore {
  /**
   * Absolute; created on the first save. Its name is the version of its content: a store of another version is
   * beside it and is not read.
   */
  readonly directory: string;
  /** Bytes on disk; the least recently used archives are removed first. */
  readonly maxBytes: number;
  /** Dates the use of archives. */
  readonly clock: Clock;
}

/** Options of `createCacheStore`. */
export interface CacheStoreOptions {
  /** The user's cache folder: `$XDG_CACHE_HOME`, or its equivalent. Absolute. */
  readonly cacheHome: string;
  /** Dates the use of archives. */
  readonly clock: Clock;
  /** Default `DEFAULT_MAX_BYTES`. */
  readonly maxBytes?: number | undefined;
}

/** Describes a user's cache store; does no I/O. */
export function createCacheStore({
  cacheHome,
  clock,
  maxBytes = DEFAULT_MAX_BYTES,
}: CacheStoreOptions): CacheStore {
  return { directory: `${cacheHome}/loom/cache/v1`, clock, maxBytes };
}
