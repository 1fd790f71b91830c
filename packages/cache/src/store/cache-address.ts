import { createHash } from "node:crypto";

/**
 * What identifies an archive.
 *
 * The paths are part of it: a cache whose paths change starts afresh instead of restoring, and never replacing,
 * the content of the old paths. So is the scope: the same key in two projects means two archives.
 */
export interface CacheAddress {
  /** The project that owns the key; any text, usually its folder. */
  readonly scope: string;
  /** Any text. */
  readonly key: string;
  /** As in the workflow, in any order. */
  readonly paths: readonly string[];
}

/** The address as a file name: hexadecimal, so no key can become a path. */
export function addressId({ scope, key, paths }: CacheAddress): string {
  const text = JSON.stringify([scope, key, paths.toSorted()]);
  return createHash("sha256").update(text).digest("hex");
}
