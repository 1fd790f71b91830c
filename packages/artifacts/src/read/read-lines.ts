import { openRegularFile } from "@loom/system";

/** How much is read at a time: two writes of the recorder. */
const CHUNK_BYTES = 256 * 1024;

/** How much is read first: most streams are not longer, and memory outside the heap costs a collection. */
const FIRST_CHUNK_BYTES = 16 * 1024;

const NEWLINE = 0x0a;

/** One line of a file. */
export interface TextLine {
  /** From 1. */
  readonly line: number;
  /** Without the newline. */
  readonly text: string;
  /** The file, or the part of it that was asked for, ends without a newline after it. */
  readonly torn: boolean;
  /** Offset in the file right behind the line and its newline. */
  readonly nextOffset: number;
}

/** A part of a file, in bytes. */
export interface ByteRange {
  /** Where a line begins. Default: 0. */
  readonly start?: number;
  /** Offset at which reading stops. Default: the end, wherever it is by then. */
  readonly end?: number;
  /** Inode of the intended file: if another file is at the path by now, nothing is read. */
  readonly inode?: number;
  /**
   * Whether a line is wanted, by its bytes without the newline, which are valid only until it returns: others are passed
   * over without being decoded. Default: all are.
   */
  readonly wanted?: ((line: Uint8Array) => boolean) | undefined;
}

/**
 * Reads a file line by line, with memory for one chunk and the longest line.
 *
 * The file is closed when the iteration ends, even early. What is appended
 * meanwhile is read too, if it comes before the end is reached.
 *
 * @throws The operating system's error.
 */
export async function* readLines(
  path: string,
  range: ByteRange = {},
): AsyncGenerator<TextLine, void, undefined> {
  const { start: from = 0, end: to = Number.POSITIVE_INFINITY, wanted } = range;
  const file = await openRegularFile(path);
  try {
    if (range.inode !== undefined && (await file.stat()).ino !== range.inode) return;
    let chunk = Buffer.allocUnsafeSlow(Math.max(1, Math.min(FIRST_CHUNK_BYTES, to - from)));
    let parts: Buffer[] = [];
    let line = 0;
    let position = from;
    for (;;) {
      const length = Math.min(chunk.length, to - position);
      const { bytesRead } = length > 0 ? await file.read(chunk, 0, length, position) : { bytesRead: 0 };
      if (bytesRead === 0) break;
      const bytes = chunk.subarray(0, bytesRead);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        const last = bytes.subarray(start, end);
        line++;
        const whole = parts.length === 0 ? last : Buffer.concat([...parts, last]);
        parts = [];
        start = end + 1;
        if (wanted?.(whole) === false) continue;
        yield { line, text: whole.toString("utf8"), torn: false, nextOffset: position + end + 1 };
      }
      // The chunk is reused: what is left of it must be copied.
      if (start < bytesRead) parts.push(Buffer.from(bytes.subarray(start)));
      position += bytesRead;
      if (bytesRead === chunk.length && chunk.length < CHUNK_BYTES)
        chunk = Buffer.allocUnsafeSlow(Math.max(1, Math.min(CHUNK_BYTES, to - position)));
    }
    if (parts.length > 0) {
      yield {
        line: line + 1,
        text: Buffer.concat(parts).toString("utf8"),
        torn: true,
        nextOffset: position,
      };
    }
  } finally {
    await file.close();
  }
}
