import type { LoomEvent, OutputStream } from "@loom/core";
import { decodeLine } from "../codec/decode-line.ts";
import { findPlainOutput } from "../codec/output-bytes.ts";
import type { RecordBytes } from "../codec/output-layout.ts";
import type { PlainOutput } from "../codec/plain-output.ts";
import { readChunks, type ByteRange } from "./read-chunks.ts";

const NEWLINE = 0x0a;

/** A record, or the bytes of one that can be printed as they are. */
export type ChunkRecord = LoomEvent | PlainOutput;

/** Passes over records that are not wanted before they are decoded. */
export interface RecordFilter {
  /** Whether a plain line is wanted. */
  plain(output: PlainOutput): boolean;
  /**
   * Whether another record may be wanted, by its bytes without the newline.
   *
   * @param isPiece - Whether a line is open before the record, of which it may hold the end.
   */
  other(record: Buffer, isPiece: boolean): boolean;
}

/**
 * Reads the records of a part of a stream, in order, all of a chunk at a time.
 * What is damaged is passed over, and so is a line that the part does not hold
 * whole.
 *
 * Undecoded are only plain lines that end no line begun before. They are valid
 * until the next chunk is asked for.
 *
 * @param path - Absolute path of the stream.
 * @param filter - Default: all records are wanted.
 * @throws The operating system's error.
 */
export async function* readRecordChunks(
  path: string,
  range: ByteRange,
  filter?: RecordFilter,
): AsyncGenerator<readonly ChunkRecord[], void, undefined> {
  const open = new Set<OutputStream>();
  for await (const { bytes, torn } of readChunks(path, range)) {
    if (torn) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records = recordsOf({ bytes, view }, open, filter);
    if (records.length > 0) yield records;
  }
}

/** @param open - The outputs that stand in the middle of a line, kept up to date. */
function recordsOf(
  source: RecordBytes,
  open: Set<OutputStream>,
  filter: RecordFilter | undefined,
): ChunkRecord[] {
  const { bytes } = source;
  const records: ChunkRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const plain = findPlainOutput(source, at);
    if (plain !== undefined) {
      at = plain.end;
      if (open.size > 0 && open.delete(plain.stream)) records.push(plain.toEvent());
      else if (filter === undefined || filter.plain(plain)) records.push(plain);
      continue;
    }
    const start = at;
    const end = bytes.indexOf(NEWLINE, start);
    at = end + 1;
    if (filter?.other(bytes.subarray(start, end), open.size > 0) === false) continue;
    const event = decodeLine(source, start, end);
    if (event === undefined) continue;
    if (event.event === "output") {
      if (event.partial === true) open.add(event.stream);
      else open.delete(event.stream);
    }
    records.push(event);
  }
  return records;
}
