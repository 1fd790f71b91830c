import { join } from "node:path";
import { readRecordChunks, type ChunkRecord, type RecordFilter } from "@loom/artifacts";
import { isAbsent } from "@loom/system";
import type { StreamCursor } from "./merge-streams.ts";

/** Records of one stream that follow each other in the order of the run. */
export interface RecordRun {
  readonly cursor: StreamCursor;
  readonly records: readonly ChunkRecord[];
}

interface Reader {
  readonly cursor: StreamCursor;
  readonly chunks: AsyncGenerator<readonly ChunkRecord[], void, undefined>;
  records: readonly ChunkRecord[];
  /** The next one of the records. */
  next: number;
}

/**
 * Reads what streams hold between their offsets and limits in the same order
 * as `mergeStreams`, but by chunks, which is many times as fast; the offsets
 * stay where they are.
 *
 * What comes is valid until the next is asked for.
 *
 * @param directory - Absolute path of the run.
 * @param filter - Makes what tells which records are wanted, anew for each stream.
 */
export async function* mergeChunks(
  directory: string,
  cursors: readonly StreamCursor[],
  filter: () => RecordFilter | undefined,
): AsyncGenerator<readonly RecordRun[], void, undefined> {
  const waiting: { readonly cursor: StreamCursor; readonly firstSeq: number }[] = [];
  for (const cursor of cursors) {
    if (cursor.offset >= cursor.limit) continue;
    const reader = await openReader(directory, cursor, filter());
    if (reader === undefined) continue;
    waiting.push({ cursor, firstSeq: seqOf(reader) });
    await reader.chunks.return();
  }
  // The earliest stands last, where it is taken from.
  waiting.sort((a, b) => b.firstSeq - a.firstSeq);
  const open: Reader[] = [];
  try {
    for (;;) {
      const firstWaiting = waiting.at(-1)?.firstSeq ?? Number.POSITIVE_INFINITY;
      const { runs, ended } = takeRuns(open, firstWaiting);
      if (runs.length > 0) yield runs;
      if (ended !== undefined) {
        const following = await ended.chunks.next();
        if (following.done === true) open.splice(open.indexOf(ended), 1);
        else Object.assign(ended, { records: following.value, next: 0 });
        continue;
      }
      const due = waiting.pop();
      if (due === undefined) return;
      const reader = await openReader(directory, due.cursor, filter());
      if (reader !== undefined) open.push(reader);
    }
  } finally {
    for (const reader of open) await reader.chunks.return();
  }
}

/**
 * Takes records in order as far as the open streams alone tell it.
 *
 * @param firstWaiting - Place in the run of the first record that is not in an open stream.
 * @returns What was taken, and the stream whose records ended; none where one that waits is due.
 */
function takeRuns(
  open: readonly Reader[],
  firstWaiting: number,
): { readonly runs: readonly RecordRun[]; readonly ended: Reader | undefined } {
  const runs: RecordRun[] = [];
  for (;;) {
    const reader = earliest(open);
    if (reader === undefined || firstWaiting < seqOf(reader)) return { runs, ended: undefined };
    const { cursor, records, next } = reader;
    const limit = Math.min(firstWaiting, limitBeside(reader, open));
    let end = next + 1;
    while (end < records.length && (records[end] as ChunkRecord).seq <= limit) end++;
    runs.push({ cursor, records: next === 0 && end === records.length ? records : records.slice(next, end) });
    reader.next = end;
    if (end === records.length) return { runs, ended: reader };
  }
}

/** Up to which place a stream goes on before another open one is due; of two in the same place the first opened is. */
function limitBeside(reader: Reader, open: readonly Reader[]): number {
  let limit = Number.POSITIVE_INFINITY;
  let isEarlier = true;
  for (const other of open) {
    if (other === reader) isEarlier = false;
    else limit = Math.min(limit, isEarlier ? seqOf(other) - 1 : seqOf(other));
  }
  return limit;
}

function earliest(open: readonly Reader[]): Reader | undefined {
  let found: Reader | undefined;
  for (const reader of open) if (found === undefined || seqOf(reader) < seqOf(found)) found = reader;
  return found;
}

function seqOf({ records, next }: Reader): number {
  return (records[next] as ChunkRecord).seq;
}

/** A stream that is gone, or was replaced, since it was listed has nothing to read; it is found again under its new path. */
async function openReader(
  directory: string,
  cursor: StreamCursor,
  filter: RecordFilter | undefined,
): Promise<Reader | undefined> {
  const { stream, offset: start, limit: end, inode } = cursor;
  const chunks = readRecordChunks(join(directory, stream.path), { start, end, inode }, filter);
  try {
    const first = await chunks.next();
    return first.done === true ? undefined : { cursor, chunks, records: first.value, next: 0 };
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause;
  }
}
