const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const NINE = 0x39;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const LOWER_U = 0x75;

const SEQ = ascii('{"seq":');
const TS = ascii(',"ts":"');
const OUTPUT = ascii('","event":"output","stream":"std');
const OUT = ascii('out","text":"');
const ERR = ascii('err","text":"');
const PARTIAL = ascii(',"partial":true');
const LOSSY = ascii(',"lossy":true');
/** Length of a time in UTC with milliseconds. */
const TS_LENGTH = 24;
/** More digits may not be a safe integer. */
const MAX_DIGITS = 15;
/** What may follow a backslash in a JSON string, by byte: 1 a whole escape, 2 one with four digits. */
const ESCAPES: Uint8Array = escapes();

/** What a scan found. */
export interface ScannedOutput {
  seq: number;
  /** Offset of the newline. */
  end: number;
  /** Whether the text has bytes above ASCII, whose encoding has not been checked. */
  wide: boolean;
}

/**
 * Reads a record of output without parsing it, when it is written as Loom
 * writes it: `seq`, `ts`, `event`, `stream`, `text`, and perhaps `partial` and
 * `lossy`, in this order and without spaces.
 *
 * Accepts only what `JSON.parse` would, so what it declines is to be parsed and
 * judged by that.
 *
 * @param found - Filled in when it answers true.
 * @returns Whether such a record, with its newline, stands at `start`.
 */
export function scanOutputRecord(bytes: Uint8Array, start: number, found: ScannedOutput): boolean {
  if (!matches(bytes, start, SEQ)) return false;
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
  if (at === digits || at - digits > MAX_DIGITS || !matches(bytes, at, TS)) return false;
  at += TS.length;
  if (!isTime(bytes, at)) return false;
  at += TS_LENGTH;
  if (!matches(bytes, at, OUTPUT)) return false;
  at += OUTPUT.length;
  if (!matches(bytes, at, OUT) && !matches(bytes, at, ERR)) return false;
  found.wide = false;
  at = endOfString(bytes, at + OUT.length, found);
  if (at < 0) return false;
  at += 1;
  if (bytes[at] === COMMA) {
    if (matches(bytes, at, PARTIAL)) at += PARTIAL.length;
    if (matches(bytes, at, LOSSY)) at += LOSSY.length;
  }
  if (bytes[at] !== CLOSE || bytes[at + 1] !== NEWLINE) return false;
  found.seq = seq;
  found.end = at + 1;
  return true;
}

/** Offset of the quote that closes a string, or -1 when the string is not one or does not end here. */
function endOfString(bytes: Uint8Array, start: number, found: ScannedOutput): number {
  const { length } = bytes;
  let at = start;
  let all = 0;
  while (at < length) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      found.wide = all >= 0x80;
      return at;
    }
    if (byte < 0x20) return -1;
    all |= byte;
    at += 1;
    if (byte !== BACKSLASH) continue;
    const kind = ESCAPES[bytes[at] ?? 0] as number;
    if (kind === 0) return -1;
    at += 1;
    if (kind === 1) continue;
    if (!isHex(bytes, at)) return -1;
    at += 4;
  }
  return -1;
}

/** Whether four hexadecimal digits stand here. */
function isHex(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + 4; at++) {
    const byte = (bytes[at] ?? 0) | 0x20;
    // Setting bit 5 turns bytes 0x10 to 0x19 into digits; those are told apart by the byte itself.
    if ((bytes[at] ?? 0) < ZERO) return false;
    if (!(byte >= ZERO && byte <= NINE) && !(byte >= 0x61 && byte <= 0x66)) return false;
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

function matches(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index++) {
    if (bytes[start + index] !== word[index]) return false;
  }
  return true;
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
