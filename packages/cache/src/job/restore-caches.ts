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

/** The outcome of restoring one cache before its job. */
export interface RestoredCache {
  readonly name?: string;
  readonly key: string;
  readonly hit: boolean;
  /** The key whose archive was restored, on a hit: `key`, or one of the fallback keys. */
  readonly matchedKey?: string;
  /** Where that archive is, on a hit; `quarantineCaches` takes it. */
  readonly address?: CacheAddress;
  /** Size of the archive on disk; 0 on a miss. */
  readonly bytes: number;
  readonly durationMs: number;
  /** The archive under `key` is quarantined, so nothing was restored. */
  readonly quarantined?: true;
  /** What a user should know, one sentence each: damage, refused entries. */
  readonly warnings: readonly string[];
}

/** Options of `restoreCaches`. */
export interface RestoreCachesOptions {
  /** Absolute; exists. */
  readonly workspace: string;
  /** Folder on the same file system in which archives are unpacked first. Default: the workspace. */
  readonly stagingDirectory?: string | undefined;
  /** Aborting it ends early; the remaining caches are not restored. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Restores the caches of a job before it runs, one after the other.
 *
 * This never fails a job: a cache that cannot be restored is a miss, and its warnings say why.
 *
 * @returns One outcome per cache, in the same order.
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
      // A fallback would restore an earlier archive's content; a job that refills the key starts with nothing.
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
    const archives = [readFrames(file)];
    const nowMs = store.clock.now();
    const put = await putInPlace({ archives, workspace, links: "all", stagingDirectory, nowMs, signal });
    return put.ok ? ok(put.value.refused) : put;
  } finally {
    closeSync(file);
  }
}

/** Records the last use as the document's modification time: one system call. */
function touch(store: CacheStore, address: CacheAddress): void {
  const seconds = store.clock.now() / 1000;
  try {
    utimesSync(entryPath(store, addressId(address)), seconds, seconds);
  } catch (error) {
    // Pruned meanwhile, or a read-only store: the restore still succeeded.
    if (errnoCode(error) === undefined) throw error;
  }
}
