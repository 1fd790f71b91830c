import type { ByteName } from "../archive/byte-name.ts";

/**
 * Whether something is left out unless it is named: the repository's own data, the evidence of runs (which
 * would contain the copies), and a restore in progress.
 *
 * @param root - The path that led here; it may itself be in one of those.
 */
export function isLeftOut(name: ByteName, root: ByteName): boolean {
  if (name.startsWith(STAGING_PREFIX)) return true;
  return LEFT_OUT.some((one) => name === one && root !== one && !root.startsWith(`${one}/`));
}

/** Prefix of the folder in which an archive is staged in a workspace. */
export const STAGING_PREFIX = ".loom-restore-";

const LEFT_OUT: readonly ByteName[] = [".git", ".loom/.runtime"];
