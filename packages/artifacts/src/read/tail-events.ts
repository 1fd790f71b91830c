import type { FileHandle } from "node:fs/promises";
import { err, ok, type LoomEvent, type Result } from "@loom/core";
import { decodeLine } from "../codec/decode-line.ts";
import type { RecordBytes } from "../codec/output-layout.ts";
import { BackwardLineJoiner, type JoinOptions } from "./join-lines.ts";
import { openRegularFile } from "@loom/system";
import { readError, type ReadError } from "./read-error.ts";

/** Enough for the last lines of most streams in one read. */
const FIRST_BLOCK_BYTES = 64 * 1024;

/** Blocks double up to here, which is as fast as larger ones. */
const BLOCK_BYTES = 256 * 1024;

/** Blocks double up to here where a line is as long, so that it is not joined from many small ones. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

/** What is wanted of the end of a stream. */
export interface TailQuery<T extends LoomEvent> {
  /** How many records at most. */
  readonly count: number;
  readonly wanted: (event: LoomEvent) => event is T;
  /**
   * What stands in every line that is wanted, as it is written: others are passed over without being decoded, which is
   * what makes a long way back cheap. Default: every line is decoded.
   */
  readonly contains?: string | undefined;
  /** How far to go back from the end. Default: as far as it takes. */
  readonly maxBytes?: number | undefined;
  /**
   * Puts the pieces of lines together first, as `LineJoiner` does: what is
   * wanted, counted and given are whole lines. Default: records as they stand.
   */
  readonly join?: JoinOptions | undefined;
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
    const file = await openRegularFile(path);
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

async function collect<T extends LoomEvent>(file: FileHandle, query: TailQuery<T>): Promise<StreamTail<T>> {
  const { maxBytes = Number.POSITIVE_INFINITY } = query;
  const tail = new Tail(query);
  let { size: position } = await file.stat();
  const limit = Math.max(0, position - maxBytes);
  let blockBytes = FIRST_BLOCK_BYTES;
  let nextOffset = 0;
  let complete = position === 0;
  /** What precedes the first newline seen so far; `undefined` until there is one. */
  let head: Buffer | undefined;
  while (position > limit && !tail.isSettled) {
    const length = Math.min(blockBytes, position - limit);
    position -= length;
    const block = await readBlock(file, position, length);
    const bytes = head === undefined ? block : Buffer.concat([block, head]);
    // After the last newline there is a torn line, or nothing.
    let end = head === undefined ? bytes.lastIndexOf(NEWLINE) : bytes.length;
    if (head === undefined && end >= 0) nextOffset = position + end + 1;
    const source = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
    while (end > 0 && !tail.isSettled) {
      const newline = bytes.lastIndexOf(NEWLINE, end - 1);
      if (newline === -1 && position > 0) break;
      tail.take(source, newline + 1, end);
      end = newline;
    }
    if (end >= 0) head = bytes.subarray(0, end);
    complete = position === 0 && end <= 0;
    blockBytes = Math.min(blockBytes * 2, Math.max(BLOCK_BYTES, (head?.length ?? 0) * 2), MAX_BLOCK_BYTES);
  }
  return { records: tail.records(), nextOffset, complete };
}

/** What was found of the end of a stream so far, the newest first. */
class Tail<T extends LoomEvent> {
  readonly #query: TailQuery<T>;
  readonly #joiner: BackwardLineJoiner | undefined;
  readonly #contains: Buffer | undefined;
  readonly #found: T[] = [];
  /** Bytes read since there was enough, for the beginnings of lines that are open. */
  #extraBytes = 0;

  constructor(query: TailQuery<T>) {
    this.#query = query;
    this.#contains = query.contains === undefined ? undefined : Buffer.from(query.contains);
    this.#joiner = query.join === undefined ? undefined : new BackwardLineJoiner(query.join);
  }

  /** Whether what is wanted is known. */
  get isSettled(): boolean {
    const oldest = this.#found[this.#query.count - 1];
    if (oldest === undefined) return this.#query.count <= 0;
    return (this.#joiner?.openSeq ?? 0) < oldest.seq || this.#extraBytes > MAX_BLOCK_BYTES;
  }

  /** Takes the line of the file before those taken so far. */
  take(source: RecordBytes, start: number, end: number): void {
    if (this.#found.length >= this.#query.count) this.#extraBytes += end - start;
    if (this.#contains !== undefined && !source.bytes.subarray(start, end).includes(this.#contains)) return;
    const decoded = decodeLine(source, start, end);
    if (decoded === undefined) return;
    for (const event of this.#joiner?.push(decoded) ?? [decoded]) this.#add(event);
  }

  /** Oldest first. */
  records(): readonly T[] {
    for (const event of this.#joiner?.end() ?? []) this.#add(event);
    return this.#found.slice(0, Math.max(0, this.#query.count)).reverse();
  }

  #add(event: LoomEvent): void {
    if (!this.#query.wanted(event)) return;
    // A line is known when the one before it on the same output is, so it may come late; its place is near.
    let at = this.#found.length;
    while (at > 0 && (this.#found[at - 1]?.seq ?? 0) < event.seq) at -= 1;
    this.#found.splice(at, 0, event);
  }
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
