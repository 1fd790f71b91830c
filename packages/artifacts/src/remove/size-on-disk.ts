import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What `st_blocks` counts in, whatever the file system has. Unit: bytes. Source: stat(2). */
const BLOCK_BYTES = 512;

/**
 * What a file takes on the disk, or a directory with all that is in it. Links
 * are not followed.
 *
 * @returns Bytes; 0 for what is not there.
 * @throws The operating system's error.
 */
export function sizeOnDisk(path: string): number {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return 0;
  const own = facts.blocks * BLOCK_BYTES;
  if (!facts.isDirectory()) return own;
  return readdirSync(path).reduce((sum, name) => sum + sizeOnDisk(join(path, name)), own);
}
