import { rmSync, statSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import type { CacheStore } from "./cache-store.ts";
import { namesIn } from "./list-cache.ts";
import { storePaths } from "./store-paths.ts";

/** What clearing did. */
export interface ClearedCache {
  /** How many there were. */
  readonly archives: number;
  readonly freedBytes: number;
}

/** Removes every archive, every mark of quarantine and everything half written. A save that is under way fails. */
export function clearCache(store: CacheStore): Result<ClearedCache, CacheError> {
  try {
    const paths = storePaths(store);
    const sizes = namesIn(paths.objects).map(
      (name) => statSync(`${paths.objects}/${name}`, { throwIfNoEntry: false })?.size ?? 0,
    );
    for (const folder of [paths.entries, paths.quarantine, paths.objects, paths.temporary]) {
      rmSync(folder, { recursive: true, force: true });
    }
    return ok({ archives: sizes.length, freedBytes: sizes.reduce((sum, size) => sum + size, 0) });
  } catch (error) {
    return systemFailure("The caches cannot be cleared", error);
  }
}
