import { err, type LoomEvent, type Result } from "@loom/core";
import { decodeEvent, type DecodeError } from "../codec/decode-event.ts";
import { readError, type ReadError } from "./read-error.ts";
import { readLines, type LineRange } from "./read-lines.ts";

/** The last line of a stream has no newline: its writer was cut off in the middle of it, or is still at it. */
export interface TruncatedStream {
  readonly code: "truncated_stream";
  readonly message: string;
}

/** One line of a stream: its record, or why it is not one. */
export interface StreamLine {
  /** From 1; 0 when the stream itself could not be read. */
  readonly line: number;
  readonly result: Result<LoomEvent, DecodeError | TruncatedStream | ReadError>;
}

/** One record of a part of a stream. */
export interface StreamRecord {
  readonly event: LoomEvent;
  /** Offset in the stream right behind the record: where to read on. */
  readonly nextOffset: number;
}

/**
 * Reads the records of a part of a stream, in order. What is damaged is passed
 * over, and so is a line that the part does not hold whole.
 *
 * @param path - Absolute path of the stream.
 * @param range - `start` is 0, or a `nextOffset` of before.
 * @throws The operating system's error.
 */
export async function* readStreamRange(
  path: string,
  range: LineRange,
): AsyncGenerator<StreamRecord, void, undefined> {
  for await (const { text, torn, nextOffset } of readLines(path, range)) {
    if (torn) return;
    const decoded = decodeEvent(text);
    if (decoded.ok) yield { event: decoded.value, nextOffset };
  }
}

/**
 * Reads the records of a stream, in order.
 *
 * A damaged line, a torn last one or a missing file is a value like any other:
 * what can be read is, and nothing is thrown but bugs.
 *
 * @param path - Absolute path of the stream.
 */
export async function* readEvents(path: string): AsyncGenerator<StreamLine, void, undefined> {
  try {
    for await (const { line, text, torn } of readLines(path)) {
      yield { line, result: torn ? err(TRUNCATED) : decodeEvent(text) };
    }
  } catch (cause) {
    yield { line: 0, result: err(readError(path, cause)) };
  }
}

const TRUNCATED: TruncatedStream = {
  code: "truncated_stream",
  message: "The stream ends in the middle of its last line",
};
