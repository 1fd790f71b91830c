import { closeSync, openSync, readSync } from "node:fs";

/** Longer than any record: a line of output is cut at 64 KiB, which JSON makes six times as long at most. */
const MAX_LINE_BYTES = 512 * 1024;

const NEWLINE = 0x0a;

/**
 * The last line of a file that does not end with a newline.
 *
 * @param path - Absolute.
 * @param size - Of the file, in bytes.
 */
export function readTornEnd(
  path: string,
  size: number,
): { readonly wholeBytes: number; readonly rest: string } {
  const file = openSync(path, "r");
  try {
    const tail = Buffer.alloc(Math.min(size, MAX_LINE_BYTES));
    const read = readSync(file, tail, 0, tail.length, size - tail.length);
    const start = tail.subarray(0, read).lastIndexOf(NEWLINE) + 1;
    return { wholeBytes: size - read + start, rest: tail.toString("utf8", start, read) };
  } finally {
    closeSync(file);
  }
}
