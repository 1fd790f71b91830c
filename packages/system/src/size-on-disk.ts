import { lstat, readdir } from "node:fs/promises";
import { errnoCode, isAbsent } from "./system-error.ts";

/** What `st_blocks` counts in, whatever the file system has. Unit: bytes. Source: stat(2). */
const BLOCK_BYTES = 512;

/** How the size is measured. */
export interface SizeOptions {
  /** Counts what cannot be read as nothing. Default: throws, as the caller may be able to get access. */
  readonly skipUnreadable?: boolean | undefined;
}

const SLASH = Buffer.from("/");

/**
 * What a file takes on the disk, or a folder with all that is in it. Links are
 * not followed, and names need not be UTF-8. Files that share their blocks with
 * others (reflinks) are counted whole.
 *
 * @returns Bytes; 0 for what is not there.
 * @throws The operating system's error, as for a folder that may not be read.
 */
export function sizeOnDisk(path: string, { skipUnreadable = false }: SizeOptions = {}): Promise<number> {
  return measure(Buffer.from(path), skipUnreadable);
}

async function measure(path: Buffer, skipUnreadable: boolean): Promise<number> {
  try {
    const facts = await lstat(path);
    let sum = facts.blocks * BLOCK_BYTES;
    if (!facts.isDirectory()) return sum;
    for (const name of await readdir(path, { encoding: "buffer" }))
      sum += await measure(Buffer.concat([path, SLASH, name]), skipUnreadable);
    return sum;
  } catch (thrown) {
    if (isAbsent(thrown) || (skipUnreadable && errnoCode(thrown) === "EACCES")) return 0;
    throw thrown;
  }
}
