import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { makeDirectories, removeFile } from "@loom/system";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import { addressId, type CacheAddress } from "./cache-address.ts";
import type { CacheStore } from "./cache-store.ts";
import { quarantinePath, storePaths } from "./store-paths.ts";
import { makeWorkFolder } from "./work-folder.ts";

/**
 * Keeps archives from being restored until a job that did not restore them saves new ones.
 *
 * @param addresses - Of the hits to blame: `address` in what `restoreCaches` returned.
 */
export function quarantineCaches(
  store: CacheStore,
  addresses: readonly CacheAddress[],
): Result<void, CacheError> {
  let folder: string | undefined;
  try {
    const paths = storePaths(store);
    makeDirectories(paths.quarantine);
    folder = makeWorkFolder(`${paths.temporary}/`);
    for (const address of addresses) {
      const document = { scope: address.scope, key: address.key, paths: address.paths };
      writeFileSync(`${folder}/marker`, `${JSON.stringify(document)}\n`);
      renameSync(`${folder}/marker`, quarantinePath(store, addressId(address)));
    }
    return ok(undefined);
  } catch (error) {
    return systemFailure("The caches were not put under quarantine", error);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the archive under an address must not be restored. */
export function isQuarantined(store: CacheStore, address: CacheAddress): boolean {
  return existsSync(quarantinePath(store, addressId(address)));
}

/** Ends the quarantine of an address. */
export function liftQuarantine(store: CacheStore, address: CacheAddress): void {
  removeFile(quarantinePath(store, addressId(address)));
}
