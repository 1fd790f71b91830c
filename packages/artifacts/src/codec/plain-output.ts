import type { OutputEvent, OutputStream } from "@loom/core";
import {
  LEAD_LENGTH,
  RECORD_END,
  TS_LENGTH,
  seqAt,
  outputStreamAt,
  type RecordBytes,
} from "./output-layout.ts";

/**
 * An `output` record of a whole line of printable ASCII, found in its bytes and
 * not decoded: most records are like that.
 *
 * Its text stands in the bytes as it is: JSON has nothing to escape in it, and
 * no terminal acts on it.
 */
export class PlainOutput {
  /** Valid only as long as the chunk that they are of. */
  readonly source: RecordBytes;
  readonly seq: number;
  /** Where the record begins. */
  readonly start: number;
  /** Where its text begins. */
  readonly textStart: number;
  /** Right behind the text. */
  readonly textEnd: number;

  constructor(source: RecordBytes, start: number, textStart: number, textEnd: number) {
    this.source = source;
    this.seq = seqAt(source.bytes, start);
    this.start = start;
    this.textStart = textStart;
    this.textEnd = textEnd;
  }

  /** Right behind the time. */
  get tsEnd(): number {
    return this.textStart - LEAD_LENGTH;
  }

  /** Right behind the record and its newline. */
  get end(): number {
    return this.textEnd + RECORD_END.length;
  }

  get stream(): OutputStream {
    return outputStreamAt(this.source.bytes, this.textStart);
  }

  get ts(): string {
    return this.source.bytes.toString("latin1", this.tsEnd - TS_LENGTH, this.tsEnd);
  }

  get text(): string {
    return this.source.bytes.toString("latin1", this.textStart, this.textEnd);
  }

  /** The record. */
  toEvent(): OutputEvent {
    return { seq: this.seq, ts: this.ts, event: "output", stream: this.stream, text: this.text };
  }
}
