import type { ByteName } from "./byte-name.ts";
import { BLOCK_BYTES, type TarEntry } from "./tar-entry.ts";

/**
 * The most bytes that `encodeHeader` writes: two names of 4096 bytes (Linux's PATH_MAX), the other records, and
 * three blocks.
 */
export const MAX_HEADER_BYTES: number = 12 * 1024;

const TYPES = { file: "0", directory: "5", symlink: "2", hardlink: "1", other: "0" } as const;

/** Largest size that fits in a header's eleven octal digits. */
const MAX_OCTAL_SIZE = 0o77777777777;

/**
 * Writes the header blocks of an entry.
 *
 * The format is pax. Owner and group are 0 and have no names, so the bytes depend only on the entry. The
 * extended header is omitted when the plain one suffices.
 *
 * @param at - Offset to write at; `MAX_HEADER_BYTES` must be free from there.
 * @returns The bytes written, a multiple of `BLOCK_BYTES`.
 */
export function encodeHeader(into: Buffer, at: number, entry: TarEntry): number {
  const name = entry.kind === "directory" ? `${entry.name}/` : entry.name;
  const split = splitName(name);
  let records = fraction(entry.mtimeMs);
  if (split === undefined) records += paxRecord("path", name);
  if (entry.target.length > 100) records += paxRecord("linkpath", entry.target);
  if (entry.size > MAX_OCTAL_SIZE) records += paxRecord("size", String(entry.size));
  let length = 0;
  if (records !== "") {
    plainHeader(into, at, { prefix: "", name: "pax", size: records.length, type: "x" }, PAX_DEFAULTS);
    const body = at + BLOCK_BYTES;
    const filled = Math.ceil(records.length / BLOCK_BYTES) * BLOCK_BYTES;
    into.fill(0, body + records.length, body + filled);
    into.write(records, body, "latin1");
    length = BLOCK_BYTES + filled;
  }
  const { prefix, last } = split ?? { prefix: "", last: name.slice(0, 100) };
  const size = Math.min(entry.size, MAX_OCTAL_SIZE);
  plainHeader(into, at + length, { prefix, name: last, size, type: TYPES[entry.kind] }, entry);
  return length + BLOCK_BYTES;
}

const PAX_DEFAULTS = { mode: 0o644, mtimeMs: 0, target: "" };

/** A record for a modification time that is not whole seconds. */
function fraction(mtimeMs: number): string {
  const micros = Math.round(mtimeMs * 1000);
  if (micros % 1_000_000 === 0 && micros >= 0) return "";
  const sign = micros < 0 ? "-" : "";
  const digits = String(Math.abs(micros)).padStart(7, "0");
  return paxRecord("mtime", `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`);
}

/** `<length> <key>=<value>\n`, where the length includes its own digits. */
function paxRecord(key: string, value: ByteName): string {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length += 1;
  return `${length} ${key}=${value}\n`;
}

/** Splits a long name at a slash into the two header fields; `undefined` when it does not fit. */
function splitName(name: ByteName): { prefix: ByteName; last: ByteName } | undefined {
  if (name.length <= 100) return { prefix: "", last: name };
  const cut = name.lastIndexOf("/", 155);
  if (cut <= 0) return undefined;
  const last = name.slice(cut + 1);
  return last.length > 100 || last === "" ? undefined : { prefix: name.slice(0, cut), last };
}

interface PlainFields {
  readonly prefix: ByteName;
  readonly name: ByteName;
  readonly size: number;
  readonly type: string;
}

function plainHeader(
  into: Buffer,
  at: number,
  { prefix, name, size, type }: PlainFields,
  { mode, mtimeMs, target }: { mode: number; mtimeMs: number; target: ByteName },
): void {
  into.fill(0, at, at + BLOCK_BYTES);
  const written = name.length;
  into.write(name, at, "latin1");
  const seconds = Math.max(0, Math.floor(Math.round(mtimeMs * 1000) / 1_000_000));
  const numbers = `${octal(mode, 7)}\0${ZERO_OWNER}${octal(size, 11)}\0${octal(seconds, 11)}\0        ${type}`;
  into.write(numbers, at + 100, "latin1");
  const link = target.length > 100 ? target.slice(0, 100) : target;
  into.write(link, at + 157, "latin1");
  into.write(USTAR, at + 257, "latin1");
  into.write(prefix, at + 345, "latin1");
  let sum = 0;
  for (let index = at; index < at + written; index++) sum += into[index] ?? 0;
  for (let index = at + 100; index < at + 157 + link.length; index++) sum += into[index] ?? 0;
  for (let index = at + 257; index < at + 265; index++) sum += into[index] ?? 0;
  for (let index = at + 345; index < at + 345 + prefix.length; index++) sum += into[index] ?? 0;
  into.write(`${octal(sum, 6)}\0 `, at + 148, "latin1");
}

const ZERO_OWNER = "0000000\u00000000000\u0000";
const USTAR = "ustar\u000000";

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
