import { openRegularFile } from "@loom/system";

/** How much is read at a time: two writes of the recorder. */
const CHUNK_BYTES = 256 * 1024;

/** How much is read first: most streams are not longer, and memory outside the heap costs a collection. */
const FIRST_CHUNK_BYTES = 16 * 1024;

const NEWLINE = 0x0a;

/** A part of a file, in bytes. */
export interface ByteRange {
  /** Where a line begins. Default: 0. */
  readonly start?: number;
  /** Offset at which reading stops. Default: the end, wherever it is by then. */
  readonly end?: number;
  /** Inode of the intended file: if another file is at the path by now, nothing is read. */
  readonly inode?: number;
}

/** Lines of a file that follow each other, as bytes that are valid only until the next chunk is asked for. */
export interface Chunk {
  /** Whole lines, each with its newline; or, when `torn`, what follows the last newline. */
  readonly bytes: Buffer;
  /** Where they stand in the file. */
  readonly position: number;
  /** The file, or the part of it that was asked for, ends without a newline. */
  readonly torn: boolean;
}

/**
 * Reads a file in chunks of whole lines, with memory for one chunk and the
 * longest line.
 *
 * The file is closed when the iteration ends, even early. What is appended
 * meanwhile is read too, if it comes before the end is reached.
 *
 * @throws The operating system's error.
 */
export async function* readChunks(
  path: string,
  range: ByteRange = {},
): AsyncGenerator<Chunk, void, undefined> {
  const { start: from = 0, end: to = Number.POSITIVE_INFINITY } = range;
  const file = await openRegularFile(path);
  try {
    if (range.inode !== undefined && (await file.stat()).ino !== range.inode) return;
    let memory = Buffer.allocUnsafeSlow(Math.max(1, Math.min(FIRST_CHUNK_BYTES, to - from)));
    /** How much of a line without an end stands at the beginning of the memory. */
    let held = 0;
    let position = from;
    for (;;) {
      const length = Math.min(memory.length - held, to - position - held);
      const { bytesRead } =
        length > 0 ? await file.read(memory, held, length, position + held) : { bytesRead: 0 };
      if (bytesRead === 0) break;
      const filled = held + bytesRead;
      const newline = memory.subarray(held, filled).lastIndexOf(NEWLINE);
      const end = newline === -1 ? 0 : held + newline + 1;
      if (end > 0) yield { bytes: memory.subarray(0, end), position, torn: false };
      held = filled - end;
      position += end;
      const wanted = held === memory.length ? held * 2 : CHUNK_BYTES;
      if (filled === memory.length && memory.length < wanted) {
        const larger = Buffer.allocUnsafeSlow(Math.max(held + 1, Math.min(wanted, to - position)));
        memory.copy(larger, 0, end, filled);
        memory = larger;
      } else {
        memory.copyWithin(0, end, filled);
      }
    }
    if (held > 0) yield { bytes: memory.subarray(0, held), position, torn: true };
  } finally {
    await file.close();
  }
}
