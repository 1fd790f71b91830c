const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const NINE = 0x39;
const CLOSE = 0x7d;
const LOWER_U = 0x75;

const SEQ = words('{"seq":');
const TS = words(',"ts":"');
const OUTPUT = words('","event":"output","stream":"std');
const OUT = words('out","text":"');
const ERR = words('err","text":"');
const LOSSY = words(',"lossy":true');
/** Length of a time in UTC with milliseconds. */
const TS_LENGTH = 24;
/** More digits may not be a safe integer. */
const MAX_DIGITS = 15;
/** What may follow a backslash in a JSON string, by byte: 1 a whole escape, 2 one with four digits. */
const ESCAPES: Uint8Array = escapes();

/** A text to compare with, four bytes at a time. */
interface Words {
  readonly length: number;
  readonly words: Int32Array;
  /** The bytes that do not fill a word. */
  readonly rest: Uint8Array;
}

/** Bytes, and the same bytes as words. */
export interface ScanWindow {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Lays a window over bytes. */
export function scanWindow(bytes: Uint8Array): ScanWindow {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** What a scan found. */
export interface ScannedOutput {
  seq: number;
  isStderr: boolean;
  /** Offset of the newline. */
  end: number;
}

/**
 * Reads a record of output without parsing it, when it is written as Loom
 * writes it: `seq`, `ts`, `event`, `stream`, `text`, and perhaps `lossy`, in this
 * order and without spaces. A piece of a line is parsed: lines are counted
 * whole.
 *
 * Accepts only what `JSON.parse` would, so what it declines is to be parsed and
 * judged by that.
 *
 * Compares four bytes at a time, which makes it several times as fast as
 * parsing.
 *
 * @param found - Filled in when it returns true.
 * @returns Whether such a record, with its newline, stands at `start`.
 */
export function scanOutputRecord(window: ScanWindow, start: number, found: ScannedOutput): boolean {
  const { bytes } = window;
  if (!matches(window, start, SEQ)) return false;
  let at = start + SEQ.length;
  const digits = at;
  let seq = 0;
  let byte = bytes[at] ?? 0;
  if (byte === ZERO) return false;
  while (byte >= ZERO && byte <= NINE) {
    seq = seq * 10 + (byte - ZERO);
    at += 1;
    byte = bytes[at] ?? 0;
  }
  if (at === digits || at - digits > MAX_DIGITS || !matches(window, at, TS)) return false;
  at += TS.length;
  if (!isTime(bytes, at)) return false;
  at += TS_LENGTH;
  if (!matches(window, at, OUTPUT)) return false;
  at += OUTPUT.length;
  const isStderr = matches(window, at, ERR);
  if (!isStderr && !matches(window, at, OUT)) return false;
  at = afterString(window, at + OUT.length);
  if (matches(window, at, LOSSY)) at += LOSSY.length;
  if (bytes[at] !== CLOSE || bytes[at + 1] !== NEWLINE) return false;
  found.seq = seq;
  found.isStderr = isStderr;
  found.end = at + 1;
  return true;
}

/** Offset after the quote that closes a string; the end of the window, where nothing stands, when there is no such string. */
function afterString(window: ScanWindow, start: number): number {
  const { bytes } = window;
  let at = start;
  for (;;) {
    at = skipPlain(window, at);
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte < 0x20) return bytes.length;
    if (byte >= 0x80) {
      const size = utf8Size(bytes, at);
      if (size === 0) return bytes.length;
      at += size;
      continue;
    }
    at += 1;
    if (byte !== BACKSLASH) continue;
    const kind = ESCAPES[bytes[at] ?? 0] as number;
    if (kind === 0) return bytes.length;
    at += 1;
    if (kind === 1) continue;
    if (!isHex(bytes, at)) return bytes.length;
    at += 4;
  }
}

/**
 * Skips whole words of ASCII without a quote, a backslash or a control character.
 *
 * The tests for "has a zero byte" and "has a byte below n" are those of
 * Anderson's Bit Twiddling Hacks. They may take a word that is plain for one
 * that is not, never the other way round.
 */
function skipPlain(window: ScanWindow, start: number): number {
  const { view } = window;
  const last = view.byteLength - 4;
  let at = start;
  // Stryker disable next-line ConditionalExpression,EqualityOperator: what is not skipped is read byte by byte
  while (at <= last) {
    const word = view.getInt32(at, true);
    const quote = word ^ 0x22222222;
    const backslash = word ^ 0x5c5c5c5c;
    const special =
      word |
      ((word - 0x20202020) & ~word) |
      ((quote - 0x01010101) & ~quote) |
      ((backslash - 0x01010101) & ~backslash);
    // Stryker disable next-line ConditionalExpression: as above
    if ((special & 0x80808080) !== 0) break;
    at += 4;
  }
  return at;
}

/** Length of the UTF-8 sequence above ASCII that stands here, 0 when there is no well-formed one (Unicode, table 3-7). */
function utf8Size(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return isContinuation(second) ? 2 : 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high || !isContinuation(bytes[at + 2] ?? 0)) return 0;
  if (lead < 0xf0) return 3;
  return isContinuation(bytes[at + 3] ?? 0) ? 4 : 0;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Whether four hexadecimal digits stand here. */
function isHex(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + 4; at++) {
    const byte = bytes[at] ?? 0;
    const lower = byte | 0x20;
    if (!(byte >= ZERO && byte <= NINE) && !(lower >= 0x61 && lower <= 0x66)) return false;
  }
  return true;
}

/** Whether `0000-00-00T00:00:00.000Z` stands here, with any digits. */
function isTime(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at + 4] === 0x2d &&
    bytes[at + 7] === 0x2d &&
    bytes[at + 10] === 0x54 &&
    bytes[at + 13] === 0x3a &&
    bytes[at + 16] === 0x3a &&
    bytes[at + 19] === 0x2e &&
    bytes[at + 23] === 0x5a &&
    areDigits(bytes, at, 4) &&
    areDigits(bytes, at + 5, 2) &&
    areDigits(bytes, at + 8, 2) &&
    areDigits(bytes, at + 11, 2) &&
    areDigits(bytes, at + 14, 2) &&
    areDigits(bytes, at + 17, 2) &&
    areDigits(bytes, at + 20, 3)
  );
}

function areDigits(bytes: Uint8Array, start: number, count: number): boolean {
  for (let at = start; at < start + count; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return false;
  }
  return true;
}

function matches(window: ScanWindow, start: number, expected: Words): boolean {
  const { bytes, view } = window;
  // Stryker disable next-line EqualityOperator,BooleanLiteral: a record that is cut off lacks its end, whatever of it matches
  if (start + expected.length > view.byteLength) return false;
  let at = start;
  for (let index = 0; index < expected.words.length; index++) {
    if (view.getInt32(at, true) !== expected.words[index]) return false;
    at += 4;
  }
  for (let index = 0; index < expected.rest.length; index++) {
    if (bytes[at + index] !== expected.rest[index]) return false;
  }
  return true;
}

function words(text: string): Words {
  const bytes = ascii(text);
  const { view } = scanWindow(bytes);
  const count = Math.floor(bytes.length / 4);
  return {
    length: bytes.length,
    words: Int32Array.from({ length: count }, (_, index) => view.getInt32(index * 4, true)),
    rest: bytes.subarray(count * 4),
  };
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function escapes(): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of ascii('"\\/bfnrt')) table[byte] = 1;
  table[LOWER_U] = 2;
  return table;
}
