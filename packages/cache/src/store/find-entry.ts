import { readFileSync, statSync } from "node:fs";
import { errnoCode, removeFile } from "@loom/system";
import { addressId, type CacheAddress } from "./cache-address.ts";
import { parseEntry, type CacheEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";
import { entryPath, objectPath } from "./store-paths.ts";

/** What a store holds under an address. */
export type FoundEntry =
  | { readonly kind: "absent" }
  | { readonly kind: "present"; readonly entry: CacheEntry }
  /** `why` is the end of a sentence. */
  | { readonly kind: "damaged"; readonly why: string };

/**
 * Looks up an address. The archive's size is checked; its bytes are not read.
 *
 * @throws System errors.
 */
export function findEntry(store: CacheStore, address: CacheAddress): FoundEntry {
  const id = addressId(address);
  const text = readIfThere(entryPath(store, id));
  if (text === undefined) return { kind: "absent" };
  const entry = parseEntry(text);
  if (entry === undefined || addressId(entry) !== id)
    return { kind: "damaged", why: "its description is unreadable" };
  const archive = statSync(objectPath(store, entry.object), { throwIfNoEntry: false });
  if (archive === undefined) return { kind: "damaged", why: "the archive is gone" };
  if (archive.size !== entry.bytes)
    return { kind: "damaged", why: "the size of the archive differs from what was written" };
  return { kind: "present", entry };
}

/** Removes a damaged entry from the store, so that the next save replaces it. */
export function removeDamaged(store: CacheStore, address: CacheAddress, entry?: CacheEntry): void {
  removeFile(entryPath(store, addressId(address)));
  if (entry !== undefined) removeFile(objectPath(store, entry.object));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
