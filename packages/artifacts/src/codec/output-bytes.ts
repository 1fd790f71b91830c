import type { OutputEvent } from "@loom/core";
import {
  LEAD_LENGTH,
  LEADS,
  RECORD_END,
  SEQ_KEY,
  TS_KEY,
  TS_LENGTH,
  isDigit,
  seqAt,
  outputStreamAt,
  type RecordBytes,
} from "./output-layout.ts";
import { PlainOutput } from "./plain-output.ts";
import { HIGH_BITS, specialBytes } from "./special-bytes.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;
const NEWLINE = 0x0a;
const ZERO = 0x30;

/** Where no text begins, as keys stand before each. */
const NOWHERE = 0;

/** So many digits are a safe integer, whichever they are. */
const MOST_DIGITS = 15;

const SEQ_KEY_WORDS = wordsOf(SEQ_KEY);
const TS_KEY_WORDS = wordsOf(TS_KEY);
const STDOUT_WORDS = wordsOf(LEADS.stdout);
const STDERR_WORDS = wordsOf(LEADS.stderr);

/** Of a record with one digit and no text. */
// Stryker disable next-line ArithmeticOperator: less would do, as long as the key of the number is in reach.
const LEAST_LENGTH = SEQ_KEY.length + 1 + TS_KEY.length + TS_LENGTH + LEAD_LENGTH + RECORD_END.length;

/**
 * Finds an `output` record of a whole line of printable ASCII in the bytes of a
 * stream, as the recorder writes it.
 *
 * @param at - Where a record begins.
 * @returns `undefined` for all others, which have to be decoded.
 */
export function findPlainOutput(source: RecordBytes, at: number): PlainOutput | undefined {
  const { bytes, view } = source;
  const textStart = textStartOf(source, at);
  if (textStart === NOWHERE) return undefined;
  const textEnd = endOfPlain(bytes, view, textStart);
  if (bytes[textEnd] !== QUOTE || bytes[textEnd + 1] !== CLOSING_BRACE || bytes[textEnd + 2] !== NEWLINE)
    return undefined;
  return new PlainOutput(source, at, textStart, textEnd);
}

/**
 * Decodes an `output` record of a whole line, as the recorder writes it: only its text passes through `JSON.parse`.
 *
 * @param at - Where the record begins.
 * @param end - Where its newline stands.
 * @returns What `decodeEvent` would; `undefined` for all other records, and for what is none.
 */
export function decodeOutput(source: RecordBytes, at: number, end: number): OutputEvent | undefined {
  const { bytes } = source;
  const textStart = textStartOf(source, at);
  if (textStart === NOWHERE) return undefined;
  const textEnd = end - 2;
  if (bytes[textEnd + 1] !== CLOSING_BRACE) return undefined;
  // Stryker disable next-line ConditionalExpression: it saves time only; what ends otherwise is no string of JSON.
  if (bytes[textEnd] !== QUOTE) return undefined;
  let text: string;
  try {
    // With the quotes around it. Of a record that ends with the first of them, that one is no JSON.
    text = JSON.parse(bytes.toString("utf8", textStart - 1, textEnd + 1)) as string;
  } catch {
    return undefined;
  }
  const tsEnd = textStart - LEAD_LENGTH;
  return {
    seq: seqAt(bytes, at),
    ts: bytes.toString("latin1", tsEnd - TS_LENGTH, tsEnd),
    event: "output",
    stream: outputStreamAt(bytes, textStart),
    text,
  };
}

/** Where the text of an `output` record begins; `NOWHERE` where there is none as the recorder writes it. */
function textStartOf({ bytes, view }: RecordBytes, at: number): number {
  if (at + LEAST_LENGTH > bytes.length || !holds(view, at, SEQ_KEY_WORDS)) return NOWHERE;
  const digits = at + SEQ_KEY.length;
  let to = digits;
  while (isDigit(bytes[to])) to++;
  if (to === digits || to - digits > MOST_DIGITS || bytes[digits] === ZERO) return NOWHERE;
  const tsStart = to + TS_KEY.length;
  const tsEnd = tsStart + TS_LENGTH;
  const textStart = tsEnd + LEAD_LENGTH;
  // At least a quote and a brace follow.
  if (textStart + 2 > bytes.length || !holds(view, to, TS_KEY_WORDS)) return NOWHERE;
  for (let word = tsStart; word < tsEnd; word += 4) if (!isPlainWord(wordAt(view, word))) return NOWHERE;
  return holds(view, tsEnd, STDOUT_WORDS) || holds(view, tsEnd, STDERR_WORDS) ? textStart : NOWHERE;
}

/** Where printable ASCII that JSON writes as it is ends: at the latest at the end of the bytes. */
function endOfPlain(bytes: Buffer, view: DataView, start: number): number {
  let at = start;
  // Four words at a time, which is all that most of a line needs.
  // Stryker disable next-line ConditionalExpression, EqualityOperator: it saves time only; the loops below do the same.
  for (const last = bytes.length - 16; at <= last; at += 16) {
    // Stryker disable ArithmeticOperator: it loses time only; a quote stands before the text.
    const unlike =
      unlikePlain(wordAt(view, at)) |
      unlikePlain(wordAt(view, at + 4)) |
      unlikePlain(wordAt(view, at + 8)) |
      unlikePlain(wordAt(view, at + 12));
    // Stryker restore ArithmeticOperator
    // Stryker disable next-line ConditionalExpression: it loses time only.
    if ((unlike & HIGH_BITS) !== 0) break;
  }
  // Stryker disable next-line ConditionalExpression, EqualityOperator: it saves time only; the loop below does the same.
  for (const last = bytes.length - 4; at <= last && isPlainWord(wordAt(view, at)); at += 4);
  while (isPlainByte(bytes[at])) at++;
  return at;
}

/** Whether four bytes are printable ASCII that JSON writes as it is. */
function isPlainWord(word: number): boolean {
  return (unlikePlain(word) & HIGH_BITS) === 0;
}

/** Some high bit where a byte of a word is no printable ASCII, or JSON wants it escaped; other bits mean nothing. */
function unlikePlain(word: number): number {
  // A byte beyond ASCII has its high bit, and a delete gets it with one more.
  return specialBytes(word) | word | (word + 0x01010101);
}

function isPlainByte(byte: number | undefined): boolean {
  // What is beyond the bytes compares as NaN does: it is none.
  return (byte as number) >= 0x20 && (byte as number) < 0x7f && byte !== QUOTE && byte !== BACKSLASH;
}

function wordAt(view: DataView, at: number): number {
  // Stryker disable next-line BooleanLiteral: words of the other byte order compare as well with one another.
  return view.getInt32(at, true);
}

/** Bytes as words; the last one begins where it ends with the bytes, over the one before it if it has to. */
interface Words {
  readonly words: Int32Array;
  readonly lastAt: number;
}

function wordsOf(bytes: Buffer): Words {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lastAt = bytes.length - 4;
  const starts = Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) =>
    Math.min(index * 4, lastAt),
  );
  return { words: Int32Array.from(starts, (start) => wordAt(view, start)), lastAt };
}

/** Whether these bytes stand there, all of which are in reach. */
function holds(view: DataView, at: number, { words, lastAt }: Words): boolean {
  const last = words.length - 1;
  if (wordAt(view, at + lastAt) !== words[last]) return false;
  for (let index = 0; index < last; index++) if (wordAt(view, at + index * 4) !== words[index]) return false;
  return true;
}
