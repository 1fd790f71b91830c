import { open, type FileHandle } from "node:fs/promises";
import { err, ok, type LoomEvent, type Result } from "@loom/core";
import { decodeEvent } from "../codec/decode-event.ts";
import { readError, type ReadError } from "./read-error.ts";

/** Enough for the last lines of most streams in one read. */
const FIRST_BLOCK_BYTES = 64 * 1024;

/** Blocks double up to here, so that a very long line is not joined from many small ones. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

/** What is wanted of the end of a stream. */
export interface TailQuery<T extends LoomEvent> {
  /** How many records at most. */
  readonly count: number;
  readonly wanted: (event: LoomEvent) => event is T;
  /** How far to go back from the end. Default: as far as it takes. */
  readonly maxBytes?: number;
}

/** The end of a stream. */
export interface StreamTail<T extends LoomEvent> {
  /** Oldest first. */
  readonly records: readonly T[];
  /** Offset right behind the last whole line: where to read on. */
  readonly nextOffset: number;
  /** Whether the search went back to the very beginning. */
  readonly complete: boolean;
}

/**
 * Reads the last records of a stream that are wanted, from its end backwards.
 *
 * No more of the file is read than holds them. Damaged lines, and a torn last
 * one, are passed over.
 */
export async function tailStream<T extends LoomEvent>(
  path: string,
  query: TailQuery<T>,
): Promise<Result<StreamTail<T>, ReadError>> {
  try {
    const file = await open(path, "r");
    try {
      return ok(await collect(file, query));
    } finally {
      await file.close();
    }
  } catch (cause) {
    return err(readError(path, cause));
  }
}

/**
 * The records of {@link tailStream} alone.
 *
 * @param count - How many at most.
 * @returns Oldest first.
 */
export async function tailEvents<T extends LoomEvent>(
  path: string,
  count: number,
  wanted: (event: LoomEvent) => event is T,
): Promise<Result<readonly T[], ReadError>> {
  const tail = await tailStream(path, { count, wanted });
  return tail.ok ? ok(tail.value.records) : tail;
}

async function collect<T extends LoomEvent>(
  file: FileHandle,
  { count, wanted, maxBytes = Number.POSITIVE_INFINITY }: TailQuery<T>,
): Promise<StreamTail<T>> {
  const found: T[] = [];
  let { size: position } = await file.stat();
  const limit = Math.max(0, position - maxBytes);
  let blockBytes = FIRST_BLOCK_BYTES;
  let nextOffset = 0;
  let complete = position === 0;
  /** What stands before the first newline seen so far; `undefined` while none was. */
  let head: Buffer | undefined;
  while (position > limit && found.length < count) {
    const length = Math.min(blockBytes, position - limit);
    position -= length;
    const block = await readBlock(file, position, length);
    const bytes = head === undefined ? block : Buffer.concat([block, head]);
    // Before the first newline from the end lies a torn line, or nothing.
    let end = head === undefined ? bytes.lastIndexOf(NEWLINE) : bytes.length;
    if (head === undefined && end >= 0) nextOffset = position + end + 1;
    while (end > 0 && found.length < count) {
      const newline = bytes.lastIndexOf(NEWLINE, end - 1);
      if (newline === -1 && position > 0) break;
      const decoded = decodeEvent(bytes.toString("utf8", newline + 1, end));
      if (decoded.ok && wanted(decoded.value)) found.push(decoded.value);
      end = newline;
    }
    if (end >= 0) head = bytes.subarray(0, end);
    complete = position === 0 && end <= 0;
    blockBytes = Math.min(blockBytes * 2, MAX_BLOCK_BYTES);
  }
  return { records: found.reverse(), nextOffset, complete };
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
