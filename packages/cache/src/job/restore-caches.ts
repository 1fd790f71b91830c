import { closeSync, openSync, utimesSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { errnoCode } from "@loom/system";
import { putInPlace } from "../archive/put-in-place.ts";
import { readFrames } from "../archive/read-frames.ts";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import type { PlannedCache } from "../key/plan-caches.ts";
import { addressId, type CacheAddress } from "../store/cache-address.ts";
import type { CacheEntry } from "../store/cache-entry.ts";
import type { CacheStore } from "../store/cache-store.ts";
import { findEntry, removeDamaged } from "../store/find-entry.ts";
import { isQuarantined } from "../store/quarantine.ts";
import { entryPath, objectPath } from "../store/store-paths.ts";

/** What became of one cache before its job. */
export interface RestoredCache {
  readonly name?: string;
  readonly key: string;
  readonly hit: boolean;
  /** The key whose archive was restored, on a hit: `key`, or one of the fallback keys. */
  readonly matchedKey?: string;
  /** Where that archive is, on a hit; `quarantineCaches` takes it. */
  readonly address?: CacheAddress;
  /** The archive on disk; 0 without a hit. */
  readonly bytes: number;
  readonly durationMs: number;
  /** The archive under `key` is under quarantine, so nothing was restored. */
  readonly quarantined?: true;
  /** What a user should know, one sentence each: damage, refused entries. */
  readonly warnings: readonly string[];
}

/** Into which workspace. */
export interface RestoreCachesOptions {
  /** Absolute; exists. */
  readonly workspace: string;
  /** Folder on the same file system in which archives are unpacked first. Default: the workspace. */
  readonly stagingDirectory?: string | undefined;
  /** Aborting it ends early; what was not restored by then is not. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Restores the caches of a job before it runs, one after the other.
 *
 * Nothing here fails a job: a cache that cannot be restored is a miss, and its warnings say why.
 *
 * @returns One answer for each cache, in their order.
 */
export async function restoreCaches(
  store: CacheStore,
  caches: readonly PlannedCache[],
  options: RestoreCachesOptions,
): Promise<RestoredCache[]> {
  const restored: RestoredCache[] = [];
  for (const cache of caches) {
    const startedAtMs = store.clock.now();
    const { name, key } = cache;
    const outcome = await restoreOne(store, cache, options);
    const durationMs = store.clock.now() - startedAtMs;
    restored.push({ ...(name !== undefined && { name }), key, ...outcome, durationMs });
  }
  return restored;
}

type Outcome = Omit<RestoredCache, "name" | "key" | "durationMs">;

async function restoreOne(
  store: CacheStore,
  { scope, key, fallbackKeys, paths, policy }: PlannedCache,
  options: RestoreCachesOptions,
): Promise<Outcome> {
  const miss = { hit: false, bytes: 0 };
  const warnings: string[] = [];
  if (policy === "push") return { ...miss, warnings };
  for (const candidate of [key, ...fallbackKeys]) {
    if (options.signal?.aborted === true) break;
    const address = { scope, key: candidate, paths };
    if (isQuarantined(store, address)) {
      warnings.push(`The cache under "${candidate}" is under quarantine: it is not restored`);
      // A fallback would bring in what an earlier archive held; a job that is to fill the key anew begins with nothing.
      if (candidate === key) return { ...miss, quarantined: true, warnings };
      continue;
    }
    const found = await restoreAddress(store, address, options);
    if (!found.ok) {
      warnings.push(`The cache under "${candidate}" is not used: ${found.error.message}`);
      continue;
    }
    if (found.value === undefined) continue;
    const { entry, refused } = found.value;
    const hit = { hit: true, matchedKey: candidate, address, bytes: entry.bytes };
    return { ...hit, warnings: [...warnings, ...refused] };
  }
  return { ...miss, warnings };
}

async function restoreAddress(
  store: CacheStore,
  address: CacheAddress,
  options: RestoreCachesOptions,
): Promise<Result<{ entry: CacheEntry; refused: readonly string[] } | undefined, CacheError>> {
  try {
    const found = findEntry(store, address);
    if (found.kind === "absent") return ok(undefined);
    if (found.kind === "damaged") {
      removeDamaged(store, address);
      return { ok: false, error: { code: "CACHE_DAMAGED", message: found.why } };
    }
    const { entry } = found;
    const unpacked = await unpack(store, entry, options);
    if (!unpacked.ok) {
      if (unpacked.error.code === "CACHE_DAMAGED") removeDamaged(store, address, entry);
      return unpacked;
    }
    touch(store, address);
    return ok({ entry, refused: unpacked.value });
  } catch (error) {
    return systemFailure("it cannot be read", error);
  }
}

async function unpack(
  store: CacheStore,
  entry: CacheEntry,
  { workspace, stagingDirectory, signal }: RestoreCachesOptions,
): Promise<Result<readonly string[], CacheError>> {
  const file = openSync(objectPath(store, entry.object), "r");
  try {
    const chunks = readFrames(file);
    const nowMs = store.clock.now();
    const put = await putInPlace({ chunks, workspace, links: "all", stagingDirectory, nowMs, signal });
    return put.ok ? ok(put.value.refused) : put;
  } finally {
    closeSync(file);
  }
}

/** Notes the last use in the time of the document: one system call. */
function touch(store: CacheStore, address: CacheAddress): void {
  const seconds = store.clock.now() / 1000;
  try {
    utimesSync(entryPath(store, addressId(address)), seconds, seconds);
  } catch (error) {
    // Pruned meanwhile, or a store that may only be read: the restore is as good.
    if (errnoCode(error) === undefined) throw error;
  }
}
