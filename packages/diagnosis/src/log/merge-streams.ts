import { join } from "node:path";
import { readStreamRange, type StreamRecord } from "@loom/artifacts";
import { isAbsent } from "@loom/system";
import type { LogStream } from "./log-stream.ts";

/** A stream, and how far it was read. */
export interface StreamCursor<S extends { readonly path: string } = LogStream> {
  stream: S;
  readonly inode: number;
  /** Where to read on. */
  offset: number;
  /** What lies from here on is not read yet. */
  limit: number;
}

/** A record with the stream that it comes from. */
export interface MergedRecord<S extends { readonly path: string } = LogStream> {
  readonly cursor: StreamCursor<S>;
  readonly record: StreamRecord;
}

interface Reader<S extends { readonly path: string }> {
  readonly cursor: StreamCursor<S>;
  readonly records: AsyncGenerator<StreamRecord, void, undefined>;
  head: StreamRecord;
}

/**
 * Reads what streams hold between their offsets and limits, all in the order
 * of the run, and moves the offsets on as it goes.
 *
 * A stream is open only while its records are due: a run of ten thousand jobs
 * has as many files open as jobs ran at a time. Memory: one chunk for each.
 *
 * @param directory - Absolute path of the run.
 * @param filter - Makes what tells by the bytes of a record whether it is wanted, anew for each stream. Default: all are.
 */
export async function* mergeStreams<S extends { readonly path: string }>(
  directory: string,
  cursors: readonly StreamCursor<S>[],
  filter: () => ((line: Uint8Array) => boolean) | undefined = () => undefined,
): AsyncGenerator<MergedRecord<S>, void, undefined> {
  const waiting: { readonly cursor: StreamCursor<S>; readonly firstSeq: number }[] = [];
  for (const cursor of cursors) {
    if (cursor.offset >= cursor.limit) continue;
    const reader = await openReader(directory, cursor, filter());
    if (reader === undefined) continue;
    waiting.push({ cursor, firstSeq: reader.head.event.seq });
    await reader.records.return();
  }
  // The earliest stands last, where it is taken from.
  waiting.sort((a, b) => b.firstSeq - a.firstSeq);
  const open: Reader<S>[] = [];
  try {
    for (;;) {
      let reader = earliest(open);
      const next = waiting.at(-1);
      if (next !== undefined && (reader === undefined || next.firstSeq < reader.head.event.seq)) {
        waiting.pop();
        reader = await openReader(directory, next.cursor, filter());
        if (reader === undefined) continue;
        open.push(reader);
        continue;
      }
      if (reader === undefined) return;
      const { cursor, head } = reader;
      cursor.offset = head.nextOffset;
      const following = await reader.records.next();
      if (following.done === true) open.splice(open.indexOf(reader), 1);
      else reader.head = following.value;
      yield { cursor, record: head };
    }
  } finally {
    for (const reader of open) await reader.records.return();
  }
}

function earliest<S extends { readonly path: string }>(open: readonly Reader<S>[]): Reader<S> | undefined {
  let found: Reader<S> | undefined;
  for (const reader of open)
    if (found === undefined || reader.head.event.seq < found.head.event.seq) found = reader;
  return found;
}

/** A stream that is gone, or was replaced, since it was listed has nothing to read; it is found again under its new path. */
async function openReader<S extends { readonly path: string }>(
  directory: string,
  cursor: StreamCursor<S>,
  wanted: ((line: Uint8Array) => boolean) | undefined,
): Promise<Reader<S> | undefined> {
  const { stream, offset: start, limit: end, inode } = cursor;
  const records = readStreamRange(join(directory, stream.path), { start, end, inode, wanted });
  try {
    const first = await records.next();
    return first.done === true ? undefined : { cursor, records, head: first.value };
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause;
  }
}
