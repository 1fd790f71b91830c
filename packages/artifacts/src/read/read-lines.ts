import { readChunks, type ByteRange } from "./read-chunks.ts";

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

/** Which lines of a file. */
export interface LineRange extends ByteRange {
  /**
   * Whether a line is wanted, by its bytes without the newline, which are valid only until it returns: others are passed
   * over without being decoded. Default: all are.
   */
  readonly wanted?: ((line: Uint8Array) => boolean) | undefined;
}

/**
 * Reads a file line by line, as {@link readChunks} does by chunks.
 *
 * @throws The operating system's error.
 */
export async function* readLines(
  path: string,
  range: LineRange = {},
): AsyncGenerator<TextLine, void, undefined> {
  const { wanted } = range;
  let line = 0;
  for await (const { bytes, position, torn } of readChunks(path, range)) {
    if (torn) {
      yield { line: line + 1, text: bytes.toString("utf8"), torn, nextOffset: position + bytes.length };
      return;
    }
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      line++;
      const from = start;
      start = end + 1;
      if (wanted?.(bytes.subarray(from, end)) === false) continue;
      yield { line, text: bytes.toString("utf8", from, end), torn, nextOffset: position + start };
    }
  }
}
