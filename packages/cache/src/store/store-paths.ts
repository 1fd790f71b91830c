import type { CacheStore } from "./cache-store.ts";

/** The folders of a store. */
export interface StorePaths {
  /** One small document per address, named by its hash. Its modification time is the last use. */
  readonly entries: string;
  /** Archives, named by the hash of their bytes. */
  readonly objects: string;
  /** One marker per address that must not be restored. */
  readonly quarantine: string;
  /** What is being written, one folder per write. */
  readonly temporary: string;
}

/** Where things are in a store. */
export function storePaths({ directory }: CacheStore): StorePaths {
  return {
    entries: `${directory}/entries`,
    objects: `${directory}/objects`,
    quarantine: `${directory}/quarantine`,
    temporary: `${directory}/tmp`,
  };
}

/** Where the archive of this hash is. */
export function objectPath(store: CacheStore, sha256: string): string {
  return `${storePaths(store).objects}/${sha256}.tar.zst`;
}

/** Where the document of an address is. */
export function entryPath(store: CacheStore, id: string): string {
  return `${storePaths(store).entries}/${id}.json`;
}

/** Where the marker of an address is. */
export function quarantinePath(store: CacheStore, id: string): string {
  return `${storePaths(store).quarantine}/${id}.json`;
}
