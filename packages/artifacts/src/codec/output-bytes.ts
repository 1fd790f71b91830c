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

/** So many digits are a safe integer, whichever they are. */
const MOST_DIGITS = 15;

const SEQ_KEY_WORDS = wordsOf(SEQ_KEY);
const TS_KEY_WORDS = wordsOf(TS_KEY);
const STDOUT_WORDS = wordsOf(LEADS.stdout);
const STDERR_WORDS = wordsOf(LEADS.stderr);

/** Of a record with one digit and no text. */
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
  if (textStart < 0) return undefined;
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
  const textEnd = end - 2;
  if (textStart < 0 || textEnd < textStart) return undefined;
  if (bytes[textEnd] !== QUOTE || bytes[textEnd + 1] !== CLOSING_BRACE) return undefined;
  const text = parseText(bytes.toString("utf8", textStart - 1, textEnd + 1));
  if (text === undefined) return undefined;
  const tsEnd = textStart - LEAD_LENGTH;
  return {
    seq: seqAt(bytes, at),
    ts: bytes.toString("latin1", tsEnd - TS_LENGTH, tsEnd),
    event: "output",
    stream: outputStreamAt(bytes, textStart),
    text,
  };
}

/** Where the text of an `output` record begins; -1 where there is none as the recorder writes it. */
function textStartOf({ bytes, view }: RecordBytes, at: number): number {
  if (at + LEAST_LENGTH > bytes.length || !holds(view, at, SEQ_KEY_WORDS)) return -1;
  const digits = at + SEQ_KEY.length;
  let to = digits;
  while (isDigit(bytes[to])) to++;
  if (to === digits || to - digits > MOST_DIGITS || bytes[digits] === ZERO) return -1;
  const tsStart = to + TS_KEY.length;
  const tsEnd = tsStart + TS_LENGTH;
  const textStart = tsEnd + LEAD_LENGTH;
  if (textStart > bytes.length || !holds(view, to, TS_KEY_WORDS)) return -1;
  for (let word = tsStart; word < tsEnd; word += 4) if (!isPlainWord(view.getInt32(word, true))) return -1;
  return holds(view, tsEnd, STDOUT_WORDS) || holds(view, tsEnd, STDERR_WORDS) ? textStart : -1;
}

/** Where printable ASCII that JSON writes as it is ends: at the latest at the end of the bytes. */
function endOfPlain(bytes: Buffer, view: DataView, start: number): number {
  let at = start;
  // Four words at a time, which is all that most of a line needs.
  for (const last = bytes.length - 16; at <= last; at += 16) {
    const unlike =
      unlikePlain(view.getInt32(at, true)) |
      unlikePlain(view.getInt32(at + 4, true)) |
      unlikePlain(view.getInt32(at + 8, true)) |
      unlikePlain(view.getInt32(at + 12, true));
    if ((unlike & HIGH_BITS) !== 0) break;
  }
  for (const last = bytes.length - 4; at <= last && isPlainWord(view.getInt32(at, true)); at += 4);
  while (at < bytes.length && isPlainByte(bytes[at] as number)) at++;
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

function isPlainByte(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH;
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
  return { words: Int32Array.from(starts, (start) => view.getInt32(start, true)), lastAt };
}

/** Whether these bytes stand there, all of which are in reach. */
function holds(view: DataView, at: number, { words, lastAt }: Words): boolean {
  const last = words.length - 1;
  if (view.getInt32(at + lastAt, true) !== words[last]) return false;
  for (let index = 0; index < last; index++)
    if (view.getInt32(at + index * 4, true) !== words[index]) return false;
  return true;
}

function parseText(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
