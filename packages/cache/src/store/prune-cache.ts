import { statSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";
import { namesIn, readEntries } from "./list-cache.ts";
import { entryPath, objectPath, quarantinePath, storePaths } from "./store-paths.ts";
import { removeLeftovers } from "./work-folder.ts";
import { removeFile } from "@loom/system";

/** The result of `pruneCache`. */
export interface PrunedCache {
  /** In order of removal: least recently used first. */
  readonly removed: readonly CacheEntry[];
  readonly freedBytes: number;
  /** Size of the remaining archives. */
  readonly bytes: number;
}

/** Options of `pruneCache`. */
export interface PruneCacheOptions {
  /** Bytes on disk, 0 or more. Default: the store's limit. */
  readonly maxBytes?: number | undefined;
}

/**
 * Removes the least recently used archives until the rest fits, and what killed processes left behind.
 *
 * An archive that is being restored can still be read to its end.
 */
export function pruneCache(
  store: CacheStore,
  { maxBytes = store.maxBytes }: PruneCacheOptions = {},
): Result<PrunedCache, CacheError> {
  try {
    removeLeftovers(`${storePaths(store).temporary}/`, store.clock.now());
    return ok(prune(store, maxBytes));
  } catch (error) {
    return systemFailure("The caches cannot be pruned", error);
  }
}

/**
 * How long an archive without a document is left alone: only a system call separates its rename from that of
 * its document, but a process may be stopped there.
 *
 * Unit: milliseconds.
 */
const ORPHAN_AFTER_MS = 60 * 60_000;

function prune(store: CacheStore, maxBytes: number): PrunedCache {
  const objects = readObjects(store);
  const users = new Map<string, number>();
  const live = readEntries(store).filter(({ id, entry }) => {
    const sizes = entry === undefined ? undefined : objects.get(entry.object);
    if (entry === undefined || sizes === undefined) {
      removeEntry(store, id);
      return false;
    }
    users.set(entry.object, (users.get(entry.object) ?? 0) + 1);
    return true;
  });
  let freedBytes = 0;
  for (const [object, { bytes, mtimeMs }] of objects) {
    if (users.has(object) || store.clock.now() - mtimeMs < ORPHAN_AFTER_MS) continue;
    freedBytes += removeObject(store, object, bytes);
    objects.delete(object);
  }
  let bytes = [...objects.values()].reduce((sum, object) => sum + object.bytes, 0);
  const removed: CacheEntry[] = [];
  for (const { id, entry } of live) {
    if (bytes <= maxBytes) break;
    if (entry === undefined) continue;
    removeEntry(store, id);
    removed.push(entry);
    const left = (users.get(entry.object) ?? 1) - 1;
    users.set(entry.object, left);
    if (left > 0) continue;
    const freed = removeObject(store, entry.object, objects.get(entry.object)?.bytes ?? 0);
    freedBytes += freed;
    bytes -= freed;
  }
  return { removed, freedBytes, bytes };
}

function readObjects(store: CacheStore): Map<string, { readonly bytes: number; readonly mtimeMs: number }> {
  const objects = new Map<string, { bytes: number; mtimeMs: number }>();
  for (const name of namesIn(storePaths(store).objects)) {
    const object = name.replace(/\.tar\.zst$/, "");
    const stats = statSync(objectPath(store, object), { throwIfNoEntry: false });
    if (stats !== undefined) objects.set(object, { bytes: stats.size, mtimeMs: stats.mtimeMs });
  }
  return objects;
}

/** The document is removed before its archive, so that none names a missing archive. */
function removeEntry(store: CacheStore, id: string): void {
  removeFile(entryPath(store, id));
  removeFile(quarantinePath(store, id));
}

function removeObject(store: CacheStore, object: string, bytes: number): number {
  removeFile(objectPath(store, object));
  return bytes;
}
