import type { CacheStore } from "./cache-store.ts";

/** The folders of a store. */
export interface StorePaths {
  /** One small document per address, named by its hash. Its modification time is the last use. */
  readonly entries: string;
  /** Archives, named by the hash of their bytes. */
  readonly objects: string;
  /** One marker per address that must not be restored. */
  readonly quarantine: string;
  /** Writes in progress, one folder each. */
  readonly temporary: string;
}

/** The paths of a store's folders. */
export function storePaths({ directory }: CacheStore): StorePaths {
  return {
    entries: `${directory}/entries`,
    objects: `${directory}/objects`,
    quarantine: `${directory}/quarantine`,
    temporary: `${directory}/tmp`,
  };
}

/** The path of the archive with this hash. */
export function objectPath(store: CacheStore, sha256: string): string {
  return `${storePaths(store).objects}/${sha256}.tar.zst`;
}

/** The path of an address's document. */
export function entryPath(store: CacheStore, id: string): string {
  return `${storePaths(store).entries}/${id}.json`;
}

/** The path of an address's quarantine marker. */
export function quarantinePath(store: CacheStore, id: string): string {
  return `${storePaths(store).quarantine}/${id}.json`;
}
