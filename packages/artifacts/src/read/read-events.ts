import { err, type LoomEvent, type Result } from "@loom/core";
import { decodeEvent, type DecodeError } from "../codec/decode-event.ts";
import { readError, type ReadError } from "./read-error.ts";
import { readLines } from "./read-lines.ts";

/** The last line of a stream has no newline: its writer was cut off in the middle of it, or is still at it. */
export interface TruncatedStream {
  readonly code: "truncated_stream";
  readonly message: string;
}

/** One line of a stream: its record, or why it gives none. */
export interface StreamLine {
  /** From 1; 0 when the stream itself could not be read. */
  readonly line: number;
  readonly result: Result<LoomEvent, DecodeError | TruncatedStream | ReadError>;
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
