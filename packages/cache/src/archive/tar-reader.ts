import { DamagedArchive } from "./damaged-archive.ts";
import type { ByteName } from "./byte-name.ts";
import { BLOCK_BYTES, type TarEntry } from "./tar-entry.ts";

/** Receives the entries of an archive in order. */
export interface TarVisitor {
  /** An entry begins; `data` follows for its content, then `end`. */
  begin(entry: TarEntry): void;
  /** A chunk of the content. The buffer is reused after the call. */
  data(bytes: Buffer): void;
  end(): void;
}

/** Longest extended header that is read: two names of PATH_MAX, with room for other records. */
const MAX_EXTENDED_BYTES = 1024 * 1024;

type Expecting = "header" | "content" | "extended" | "padding" | "nothing";

/**
 * Reads tar in chunks of any size: ustar, pax, and GNU's long names.
 *
 * It checks only the format; the visitor decides whether a name or a link is acceptable.
 */
export class TarReader {
  readonly #visitor: TarVisitor;
  readonly #partial: Buffer = Buffer.alloc(BLOCK_BYTES);
  #partialLength = 0;
  #expecting: Expecting = "header";
  #left = 0;
  #padding = 0;
  #emptyBlocks = 0;
  #extended: Extended = {};
  #collected: Buffer[] = [];
  #collectedType = "";

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
  }

  /** @throws DamagedArchive when this cannot be tar. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#expecting === "header") {
        at = this.#takeHeader(chunk, at);
        continue;
      }
      // What follows the end of an archive is padding.
      if (this.#expecting === "nothing") return;
      const taken = Math.min(this.#left, chunk.length - at);
      if (this.#expecting === "content") this.#visitor.data(chunk.subarray(at, at + taken));
      if (this.#expecting === "extended") this.#collected.push(Buffer.from(chunk.subarray(at, at + taken)));
      at += taken;
      this.#left -= taken;
      if (this.#left === 0) this.#finishBody();
    }
  }

  /** @throws DamagedArchive when the end of the archive has not been seen. */
  end(): void {
    if (this.#expecting !== "nothing") throw new DamagedArchive("its end is missing");
  }

  #takeHeader(chunk: Buffer, at: number): number {
    if (this.#partialLength === 0 && chunk.length - at >= BLOCK_BYTES) {
      this.#header(chunk, at);
      return at + BLOCK_BYTES;
    }
    const taken = Math.min(BLOCK_BYTES - this.#partialLength, chunk.length - at);
    chunk.copy(this.#partial, this.#partialLength, at, at + taken);
    this.#partialLength += taken;
    if (this.#partialLength === BLOCK_BYTES) {
      this.#partialLength = 0;
      this.#header(this.#partial, 0);
    }
    return at + taken;
  }

  #header(block: Buffer, at: number): void {
    if (isEmpty(block, at)) {
      this.#emptyBlocks += 1;
      if (this.#emptyBlocks === 2) this.#expecting = "nothing";
      return;
    }
    if (this.#emptyBlocks > 0) throw new DamagedArchive("it has an empty block in the middle");
    checkSum(block, at);
    const type = String.fromCharCode(block[at + 156] ?? 0);
    if (EXTENDING.has(type)) {
      const length = numberOf(block, at + SIZE_AT, 12);
      if (length > MAX_EXTENDED_BYTES) throw new DamagedArchive("an extended header is too long");
      this.#collectedType = type;
      this.#body("extended", length);
      return;
    }
    const header = parseHeader(block, at);
    const size = this.#extended.size ?? header.size;
    const kind = KINDS[type] ?? "other";
    const entry: TarEntry = {
      kind: kind === "file" && header.name.endsWith("/") ? "directory" : kind,
      name: this.#extended.path ?? header.name,
      mode: header.mode,
      mtimeMs: this.#extended.mtimeMs ?? header.mtimeMs,
      size: kind === "file" ? size : 0,
      target: this.#extended.linkpath ?? header.target,
    };
    this.#extended = {};
    this.#visitor.begin(entry);
    this.#body(kind === "file" || kind === "other" ? "content" : "padding", NO_CONTENT.has(type) ? 0 : size);
  }

  #body(expecting: "content" | "extended" | "padding", size: number): void {
    this.#expecting = expecting;
    this.#left = size;
    this.#padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
    if (size === 0) this.#finishBody();
  }

  #finishBody(): void {
    const ended = this.#expecting;
    if (ended === "extended") this.#takeExtended();
    else if (!this.#endsPadding) this.#visitor.end();
    this.#endsPadding = false;
    if (this.#padding > 0) {
      this.#expecting = "padding";
      this.#left = this.#padding;
      this.#padding = 0;
      this.#endsPadding = true;
      return;
    }
    this.#expecting = "header";
  }

  #endsPadding = false;

  #takeExtended(): void {
    const bytes = Buffer.concat(this.#collected);
    this.#collected = [];
    if (this.#collectedType === "x") this.#extended = { ...this.#extended, ...parsePax(bytes) };
    if (this.#collectedType === "L")
      this.#extended = { ...this.#extended, path: textOf(bytes, 0, bytes.length) };
    if (this.#collectedType === "K")
      this.#extended = { ...this.#extended, linkpath: textOf(bytes, 0, bytes.length) };
  }
}

const KINDS: { readonly [type: string]: TarEntry["kind"] } = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};

/**
 * Types for which no content follows, whatever the size field says. Source: POSIX.1-2024, `pax`, "ustar
 * Interchange Format".
 */
const NO_CONTENT = new Set(["1", "2", "3", "4", "5", "6"]);

interface Extended {
  readonly path?: ByteName;
  readonly linkpath?: ByteName;
  readonly size?: number;
  readonly mtimeMs?: number;
}

interface PlainHeader {
  readonly name: ByteName;
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly target: ByteName;
}

/** Types that describe the entry after them: pax, global pax, and GNU's two long names. */
const EXTENDING = new Set(["x", "g", "L", "K"]);

const SIZE_AT = 124;

function checkSum(block: Buffer, at: number): void {
  let sum = 8 * 0x20;
  for (let index = at; index < at + 148; index++) sum += block[index] ?? 0;
  for (let index = at + 156; index < at + BLOCK_BYTES; index++) sum += block[index] ?? 0;
  if (sum !== numberOf(block, at + 148, 8)) throw new DamagedArchive("a header has a wrong checksum");
}

function parseHeader(block: Buffer, at: number): PlainHeader {
  const name = textOf(block, at, 100);
  const isUstar = block.toString("latin1", at + 257, at + 263) === "ustar\0";
  const prefix = isUstar ? textOf(block, at + 345, 155) : "";
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: numberOf(block, at + 100, 8) & 0o777,
    size: numberOf(block, at + SIZE_AT, 12),
    mtimeMs: numberOf(block, at + 136, 12) * 1000,
    target: textOf(block, at + 157, 100),
  };
}

function textOf(block: Buffer, at: number, length: number): ByteName {
  const end = block.indexOf(0, at);
  return block.toString("latin1", at, end === -1 || end > at + length ? at + length : end);
}

/** Octal digits, or GNU's form for larger numbers: the first bit set, then the number in base 256. */
function numberOf(block: Buffer, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) !== 0) {
    if (block[at] === 0xff) return -1;
    let value = (block[at] ?? 0) & 0x7f;
    for (let index = at + 1; index < at + length; index++) value = value * 256 + (block[index] ?? 0);
    return checked(value);
  }
  let value = 0;
  for (let index = at; index < at + length; index++) {
    const byte = block[index] ?? 0;
    if (byte === 0 || byte === 0x20) {
      if (value > 0) break;
      continue;
    }
    if (byte < 0x30 || byte > 0x37)
      throw new DamagedArchive("a header has something other than a number where one belongs");
    value = value * 8 + byte - 0x30;
  }
  return value;
}

function checked(value: number): number {
  if (!Number.isSafeInteger(value)) throw new DamagedArchive("a header has a number that is too large");
  return value;
}

function isEmpty(block: Buffer, at: number): boolean {
  // A header begins with its name, so the first byte nearly always decides.
  if (block[at] !== 0) return false;
  for (let index = at; index < at + BLOCK_BYTES; index++) if (block[index] !== 0) return false;
  return true;
}

function parsePax(bytes: Buffer): Extended {
  const found: { path?: ByteName; linkpath?: ByteName; size?: number; mtimeMs?: number } = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(bytes.toString("latin1", at, space));
    const equals = bytes.indexOf(0x3d, space);
    const wellFormed =
      Number.isSafeInteger(length) &&
      equals !== -1 &&
      equals < at + length &&
      bytes[at + length - 1] === 0x0a;
    if (!wellFormed) throw new DamagedArchive("an extended header is malformed");
    const key = bytes.toString("latin1", space + 1, equals);
    const value = bytes.toString("latin1", equals + 1, at + length - 1);
    if (key === "path") found.path = value;
    if (key === "linkpath") found.linkpath = value;
    if (key === "size") found.size = numeric(value);
    if (key === "mtime") found.mtimeMs = numeric(value) * 1000;
    at += length;
  }
  return found;
}

function numeric(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new DamagedArchive("an extended header has a malformed number");
  return number;
}
