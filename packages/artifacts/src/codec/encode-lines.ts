import { isUtf8 } from "node:buffer";
import type { LineBatch } from "@loom/ports";
import type { ByteBuffer } from "./byte-buffer.ts";
import { HIGH_BITS, specialBytes } from "./special-bytes.ts";

/** Room for a word that is written over the end of what is copied. */
const SLACK_BYTES = 16;

/** The longest escape, `\u001b`, is six bytes for one. */
const WORST_ESCAPE = 6;

const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;
const NEWLINE = 0x0a;
const SEQ_KEY = Buffer.from('{"seq":');
const HEX = Buffer.from("0123456789abcdef");

/** `{"seq":`, the digits of the largest safe integer, and what follows the text. */
const LINE_OVERHEAD_BYTES = SEQ_KEY.length + 16 + 3;

/** By byte: 0 as it is; 1 as `\u00xx`; otherwise the letter that follows the backslash. */
const ESCAPES: Uint8Array = escapes();

/**
 * Appends one `output` record per line of a batch, as JSONL, straight from the
 * raw bytes.
 *
 * A line of plain ASCII, which is nearly every line there is, is copied and
 * checked four bytes at a time and never becomes a string. The others are
 * escaped byte by byte; only what is not UTF-8 is decoded, into U+FFFD, and
 * marked `lossy`.
 */
export function encodeLines(batch: LineBatch, into: ByteBuffer): void {
  const { bytes, ends } = batch;
  const lead = `,"ts":"${batch.ts}","event":"output","stream":"${batch.stream}","text":"`;
  const leadLength = lead.length;
  const perLine = leadLength + LINE_OVERHEAD_BYTES;
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  into.reserve(bytes.length + ends.length * perLine + SLACK_BYTES);
  let out = into.bytes;
  let view = into.view;
  let at = into.length;
  let leadAt = -1;
  let start = 0;

  for (let index = 0; index < ends.length; index++) {
    const end = ends[index] as number;
    // Stryker disable next-line EqualityOperator: the number stands in the place of one more.
    for (let k = 0; k < SEQ_KEY.length; k++) out[at + k] = SEQ_KEY[k] as number;
    at = writeDecimal(out, at + SEQ_KEY.length, batch.firstSeq + index);
    // Stryker disable next-line ConditionalExpression, EqualityOperator: it saves time only, and a number stands before it.
    if (leadAt < 0) {
      leadAt = at;
      out.write(lead, at);
    } else {
      // Whole words as floats: the compiler moves them as they are, and no bytes of ASCII are a NaN.
      // Stryker disable next-line EqualityOperator: the text stands in the place of one more.
      for (let k = 0; k < leadLength; k += 8)
        view.setFloat64(at + k, view.getFloat64(leadAt + k, true), true);
    }
    at += leadLength;

    // After the loops, a high bit in `high` says "not ASCII", one in `special` "has to be escaped".
    // The text stands in its place then, whatever it is.
    let high = 0;
    let special = 0;
    let to = at;
    let from = start;
    // Stryker disable next-line ConditionalExpression, EqualityOperator: it saves time only; the loop below does the same.
    for (const last = end - 4; from <= last; from += 4) {
      const word = source.getInt32(from, true);
      high |= word;
      special |= specialBytes(word);
      view.setInt32(to, word, true);
      to += 4;
    }
    // Stryker disable next-line EqualityOperator: with its newline, a line takes the longer way, to the same record.
    for (; from < end; from++) {
      const byte = bytes[from] as number;
      high |= byte;
      // Stryker disable next-line ConditionalExpression: it saves time only; the longer way leads to the same record.
      if (ESCAPES[byte] !== 0) special |= 0x80;
      out[to++] = byte;
    }

    // Stryker disable next-line ConditionalExpression: it saves time only; ASCII is UTF-8.
    const ascii = (high & HIGH_BITS) === 0;
    const lossy = !ascii && !isUtf8(bytes.subarray(start, end));
    // Stryker disable next-line ConditionalExpression: it saves time only; the longer way leads to the same record.
    if ((special & HIGH_BITS) === 0 && !lossy && !batch.partial) {
      out[to] = QUOTE;
      out[to + 1] = CLOSING_BRACE;
      out[to + 2] = NEWLINE;
      at = to + 3;
    } else {
      into.length = at;
      const text = bytes.subarray(start, end);
      appendEscaped(lossy ? replaceInvalid(text) : text, into);
      into.appendText(`"${batch.partial ? ',"partial":true' : ""}${lossy ? ',"lossy":true' : ""}}\n`);
      into.reserve(bytes.length - end + (ends.length - index - 1) * perLine + SLACK_BYTES);
      out = into.bytes;
      view = into.view;
      at = into.length;
    }
    start = end + 1;
  }
  into.length = at;
}

/** Writes a whole number from 0 up to 2^53 - 1, and returns where it ends. */
function writeDecimal(out: Buffer, at: number, value: number): number {
  // Stryker disable next-line ConditionalExpression, EqualityOperator: it saves time only; it writes any number.
  if (value > 0x7fffffff) return at + out.write(String(value), at);
  let length = 1;
  for (let bound = 10; bound <= value; bound *= 10) length++;
  let rest = value;
  for (let k = at + length - 1; k >= at; k--) {
    const tens = (rest / 10) | 0;
    out[k] = 48 + rest - tens * 10;
    rest = tens;
  }
  return at + length;
}

/** Appends UTF-8 bytes as the inside of a JSON string, escaped as `JSON.stringify` does. */
function appendEscaped(text: Uint8Array, into: ByteBuffer): void {
  into.reserve(text.length * WORST_ESCAPE + SLACK_BYTES);
  const source = new DataView(text.buffer, text.byteOffset, text.byteLength);
  const { bytes: out, view } = into;
  const lastWord = text.length - 4;
  let at = into.length;
  let from = 0;
  while (from < text.length) {
    let stop = text.length;
    // Stryker disable next-line ConditionalExpression, EqualityOperator, BlockStatement: it saves time only; bytes do.
    if (from <= lastWord) {
      const word = source.getInt32(from, true);
      // Stryker disable next-line ConditionalExpression, BlockStatement: as above.
      if ((specialBytes(word) & HIGH_BITS) === 0) {
        view.setInt32(at, word, true);
        at += 4;
        from += 4;
        continue;
      }
      stop = from + 4;
    }
    for (; from < stop; from++) at = writeEscaped(out, at, text[from] as number);
  }
  into.length = at;
}

function writeEscaped(out: Buffer, at: number, byte: number): number {
  const escape = ESCAPES[byte] as number;
  if (escape === 0) {
    out[at] = byte;
    return at + 1;
  }
  out[at] = 0x5c;
  if (escape !== 1) {
    out[at + 1] = escape;
    return at + 2;
  }
  out[at + 1] = 0x75;
  out[at + 2] = 0x30;
  out[at + 3] = 0x30;
  out[at + 4] = HEX[byte >> 4] as number;
  out[at + 5] = HEX[byte & 15] as number;
  return at + 6;
}

/** Puts U+FFFD where bytes are not UTF-8, as the WHATWG decoder does; a byte order mark stays. */
function replaceInvalid(line: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString());
}

function escapes(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(1, 0, 0x20);
  for (const [byte, letter] of [
    [0x08, "b"],
    [0x09, "t"],
    [0x0a, "n"],
    [0x0c, "f"],
    [0x0d, "r"],
    [0x22, '"'],
    [0x5c, "\\"],
  ] as const) {
    table[byte] = letter.charCodeAt(0);
  }
  return table;
}
