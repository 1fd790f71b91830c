import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { errnoCode } from "@loom/system";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import { parseEntry, type CacheEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";
import { objectPath, quarantinePath, storePaths } from "./store-paths.ts";

/** One archive of a store. */
export interface ListedCache extends CacheEntry {
  /** Milliseconds of Unix time: the last restore, or the save. */
  readonly lastUsedAtMs: number;
  readonly quarantined: boolean;
}

/** The archives of a store, least recently used first. */
export function listCache(store: CacheStore): Result<ListedCache[], CacheError> {
  try {
    const entries = readEntries(store).flatMap(({ entry, id, lastUsedAtMs }) => {
      if (entry === undefined || !existsSync(objectPath(store, entry.object))) return [];
      return [{ ...entry, lastUsedAtMs, quarantined: existsSync(quarantinePath(store, id)) }];
    });
    return ok(entries);
  } catch (error) {
    return systemFailure("The caches cannot be listed", error);
  }
}

/** One document of a store. */
export interface StoredEntry {
  readonly id: string;
  readonly lastUsedAtMs: number;
  /** Absent when the document is unreadable. */
  readonly entry: CacheEntry | undefined;
}

/**
 * Every document of a store, least recently used first, then by name.
 *
 * @throws System errors.
 */
export function readEntries(store: CacheStore): StoredEntry[] {
  const folder = storePaths(store).entries;
  const entries = namesIn(folder).flatMap((name): StoredEntry[] => {
    if (!name.endsWith(".json")) return [];
    const path = `${folder}/${name}`;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    return [{ id: name.slice(0, -5), lastUsedAtMs: stats.mtimeMs, entry: parseEntry(textOf(path)) }];
  });
  return entries.sort((a, b) => a.lastUsedAtMs - b.lastUsedAtMs || (a.id < b.id ? -1 : 1));
}

/** The names in a folder; none when it does not exist. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Empty when another process has removed the file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return "";
    throw error;
  }
}
