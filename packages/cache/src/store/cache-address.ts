import { createHash } from "node:crypto";

/**
 * What an archive is found by.
 *
 * The paths belong to it: a cache whose paths were changed begins anew instead of
 * being given, and never replacing, what the old paths held. So does the scope: the same
 * key in two projects names two archives.
 */
export interface CacheAddress {
  /** The project that the key belongs to; any text, usually its folder. */
  readonly scope: string;
  /** Any text. */
  readonly key: string;
  /** As the workflow has them, in any order. */
  readonly paths: readonly string[];
}

/** The address as a file name: hexadecimal, so no key can become a path. */
export function addressId({ scope, key, paths }: CacheAddress): string {
  const text = JSON.stringify([scope, key, paths.toSorted()]);
  return createHash("sha256").update(text).digest("hex");
}
