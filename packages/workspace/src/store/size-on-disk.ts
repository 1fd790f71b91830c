import { lstat, readdir } from "node:fs/promises";
import { errnoCode, isAbsent } from "@loom/system";
import { joinRaw, pathBytes, rawPath, rawPathOf, type RawPath } from "../raw-path.ts";

/** What `st_blocks` counts in, whatever the file system has. Unit: bytes. Source: stat(2). */
const BLOCK_BYTES = 512;

/**
 * What a file takes on the disk, or a folder with all that is in it. Links are
 * not followed; what may not be read counts for nothing. Files that share their
 * blocks with others (reflinks) are counted whole.
 *
 * @returns Bytes; 0 for what is not there.
 */
export function sizeOnDisk(path: string): Promise<number> {
  return measure(rawPath(path));
}

async function measure(path: RawPath): Promise<number> {
  try {
    const bytes = pathBytes(path);
    const facts = await lstat(bytes);
    let sum = facts.blocks * BLOCK_BYTES;
    if (!facts.isDirectory()) return sum;
    for (const name of await readdir(bytes, { encoding: "buffer" }))
      sum += await measure(joinRaw(path, rawPathOf(name)));
    return sum;
  } catch (thrown) {
    if (isAbsent(thrown) || errnoCode(thrown) === "EACCES") return 0;
    throw thrown;
  }
}
