import type { OutputStream } from "@loom/core";

/** Bytes of records, for access by the byte and by the word. */
export interface RecordBytes {
  readonly bytes: Buffer;
  /** Of the same bytes. */
  readonly view: DataView;
}

/** What an `output` record begins with; its number follows. */
export const SEQ_KEY: Buffer = Buffer.from('{"seq":');

/** What follows the number; the time follows. */
export const TS_KEY: Buffer = Buffer.from(',"ts":"');

/** RFC 3339, UTC, milliseconds. */
export const TS_LENGTH: number = "2026-01-01T00:00:00.000Z".length;

/** What follows the time; the text follows. As long for both outputs. */
export const LEADS: { readonly [S in OutputStream]: Buffer } = {
  stdout: leadOf("stdout"),
  stderr: leadOf("stderr"),
};

/** How long what leads to the text is. */
export const LEAD_LENGTH: number = LEADS.stdout.length;

/** What follows the text of a whole line of UTF-8. */
export const RECORD_END: Buffer = Buffer.from('"}\n');

const ZERO = 0x30;

/** The letter of the lead that tells one output from the other. */
const TELLING_AT = LEADS.stdout.findIndex((byte, index) => byte !== LEADS.stderr[index]);
const OF_STDERR = LEADS.stderr[TELLING_AT];

/** The number of a record that is laid out so. */
export function seqAt(bytes: Buffer, start: number): number {
  let seq = 0;
  for (let digit = start + SEQ_KEY.length; isDigit(bytes[digit]); digit++)
    seq = seq * 10 + (bytes[digit] as number) - ZERO;
  return seq;
}

/** Which output a record is of that is laid out so. */
export function outputStreamAt(bytes: Buffer, textStart: number): OutputStream {
  return bytes[textStart - LEAD_LENGTH + TELLING_AT] === OF_STDERR ? "stderr" : "stdout";
}

/** Whether a byte is a digit of ASCII. */
export function isDigit(byte: number | undefined): boolean {
  // What is beyond the bytes compares as NaN does: it is none.
  return (byte as number) >= ZERO && (byte as number) <= ZERO + 9;
}

function leadOf(stream: OutputStream): Buffer {
  return Buffer.from(`","event":"output","stream":"${stream}","text":"`);
}
