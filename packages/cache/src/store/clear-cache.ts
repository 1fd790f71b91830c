import { rmSync, statSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";
import { namesIn, readEntries } from "./list-cache.ts";
import { entryPath, objectPath, quarantinePath, storePaths } from "./store-paths.ts";
import { removeFile } from "@loom/system";

/** The result of `clearCache`. */
export interface ClearedCache {
  /** Least recently used first. */
  readonly removed: readonly CacheEntry[];
  readonly freedBytes: number;
}

/** Options of `clearCache`. */
export interface ClearCacheOptions {
  /** Clears only this project's caches. Default: every project's. */
  readonly scope?: string | undefined;
}

/**
 * Removes the archives of one project; or, without `scope`, every archive, quarantine marker and partial write,
 * which makes a save in progress fail.
 */
export function clearCache(
  store: CacheStore,
  { scope }: ClearCacheOptions = {},
): Result<ClearedCache, CacheError> {
  try {
    return ok(scope === undefined ? clearAll(store) : clearScope(store, scope));
  } catch (error) {
    return systemFailure("The caches cannot be cleared", error);
  }
}

function clearAll(store: CacheStore): ClearedCache {
  const paths = storePaths(store);
  const removed = readEntries(store).flatMap(({ entry }) => entry ?? []);
  const freedBytes = namesIn(paths.objects).reduce(
    (sum, name) => sum + sizeOf(`${paths.objects}/${name}`),
    0,
  );
  for (const folder of [paths.entries, paths.quarantine, paths.objects, paths.temporary]) {
    rmSync(folder, { recursive: true, force: true });
  }
  return { removed, freedBytes };
}

function clearScope(store: CacheStore, scope: string): ClearedCache {
  const entries = readEntries(store);
  const removed: CacheEntry[] = [];
  // The document is removed before its archive, so that none names a missing archive.
  for (const { id, entry } of entries) {
    if (entry?.scope !== scope) continue;
    removeFile(entryPath(store, id));
    removeFile(quarantinePath(store, id));
    removed.push(entry);
  }
  // Projects with the same contents share an archive.
  const kept = new Set(entries.flatMap(({ entry }) => (entry?.scope === scope ? [] : (entry?.object ?? []))));
  let freedBytes = 0;
  for (const object of new Set(removed.map((entry) => entry.object))) {
    if (kept.has(object)) continue;
    const path = objectPath(store, object);
    freedBytes += sizeOf(path);
    removeFile(path);
  }
  return { removed, freedBytes };
}

/** 0 when another process has removed the file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
