import type { ByteName } from "../archive/byte-name.ts";

/**
 * Whether something is left out unless it was named: the repository's own data, the
 * evidence of runs (which the copies would become a part of), and what a restore is
 * putting together just now.
 *
 * @param root - The path that led here; it may itself lie in one of those.
 */
export function isLeftOut(name: ByteName, root: ByteName): boolean {
  if (name.startsWith(STAGING_PREFIX)) return true;
  return LEFT_OUT.some((one) => name === one && root !== one && !root.startsWith(`${one}/`));
}

/** First part of the name of a folder in which something is put together in a workspace. */
export const STAGING_PREFIX = ".loom-restore-";

const LEFT_OUT: readonly ByteName[] = [".git", ".loom/.runtime"];
