import { open, type FileHandle } from "node:fs/promises";
import { err, ok, type LoomEvent, type Result } from "@loom/core";
import { decodeEvent } from "../codec/decode-event.ts";
import { readError, type ReadError } from "./read-error.ts";

/** Enough for the last lines of most streams in one read. */
const FIRST_BLOCK_BYTES = 64 * 1024;

/** Blocks double up to here, so that a very long line is not joined from many small ones. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Reads the last records of a stream that are wanted, from its end backwards.
 *
 * No more of the file is read than holds them. Damaged lines, and a torn last
 * one, are passed over.
 *
 * @param count - How many at most.
 * @returns Oldest first.
 */
export async function tailEvents<T extends LoomEvent>(
  path: string,
  count: number,
  wanted: (event: LoomEvent) => event is T,
): Promise<Result<readonly T[], ReadError>> {
  try {
    const file = await open(path, "r");
    try {
      return ok(await collect(file, count, wanted));
    } finally {
      await file.close();
    }
  } catch (cause) {
    return err(readError(path, cause));
  }
}

async function collect<T extends LoomEvent>(
  file: FileHandle,
  count: number,
  wanted: (event: LoomEvent) => event is T,
): Promise<readonly T[]> {
  const found: T[] = [];
  let { size: position } = await file.stat();
  let blockBytes = FIRST_BLOCK_BYTES;
  /** What stands before the first newline seen so far; `undefined` while none was. */
  let head: Buffer | undefined;
  while (position > 0 && found.length < count) {
    const length = Math.min(blockBytes, position);
    position -= length;
    const block = await readBlock(file, position, length);
    const bytes = head === undefined ? block : Buffer.concat([block, head]);
    // Before the first newline from the end lies a torn line, or nothing.
    let end = head === undefined ? bytes.lastIndexOf(NEWLINE) : bytes.length;
    while (end > 0 && found.length < count) {
      const newline = bytes.lastIndexOf(NEWLINE, end - 1);
      if (newline === -1 && position > 0) break;
      const decoded = decodeEvent(bytes.toString("utf8", newline + 1, end));
      if (decoded.ok && wanted(decoded.value)) found.push(decoded.value);
      end = newline;
    }
    if (end >= 0) head = bytes.subarray(0, end);
    blockBytes = Math.min(blockBytes * 2, MAX_BLOCK_BYTES);
  }
  return found.reverse();
}

async function readBlock(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const block = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(block, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return block.subarray(0, filled);
}
