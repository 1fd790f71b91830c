import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { lastState, startOfLastState } from "@loom/core";
import { decodeLogLine, type ScreenLine } from "./log-line.ts";
import type { LineSource, ScanPlace } from "./line-source.ts";
import { RecordRows } from "./record-rows.ts";

/** The index has an entry after so many lines, or after so many bytes where lines are long. */
const INDEX_LINES = 256;
const INDEX_BYTES = 256 * 1024;

/** Bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;

/** Bytes read at a time where only some lines are wanted. */
const PART_BYTES = 64 * 1024;

/**
 * For all files: none is read in the middle of another. A screen opens a log for every job that starts, and with a buffer
 * for each the process would be larger, which every start of a process pays for.
 */
const BUFFER = Buffer.allocUnsafe(CHUNK_BYTES);

/**
 * Lines up to this length can be read. Source: docs/contract.md#events splits lines at 64 KiB, and an escape in JSON
 * takes at most six bytes for one.
 */
const MAX_LINE_BYTES = 6 * 64 * 1024 + 1024;

/** A line in pieces is joined from its end, until it has this many characters. */
const MAX_JOINED_CHARACTERS = 1024 * 1024;

const NEWLINE = 10;

/** How to decode the lines of a file. */
export interface LogStoreOptions {
  /** How many lines at the top to leave out, such as the record that names the stream. Default 0. */
  readonly skip?: number;
  /** Decodes one line of the file, which is then one row. Default: lines are records of a stream. */
  readonly decode?: (row: number, text: string) => ScreenLine;
}

/**
 * The lines of a file on disk that may still grow. Reading any of them takes about one read, however many there are.
 *
 * It keeps one offset per 256 lines in memory, and no text.
 */
export class LogStore implements LineSource {
  readonly path: string;
  readonly #skip: number;
  /** Absent if each line of the file is one row. */
  readonly #rows: RecordRows | undefined;
  readonly #decode: (row: number, text: string) => ScreenLine;
  /** Offsets of the indexed lines; `#indexed` has their numbers. */
  #offsets: number[] = [0];
  #indexed: number[] = [0];
  #lines = 0;
  #end = 0;
  #descriptor: number | undefined;

  constructor(path: string, options: LogStoreOptions = {}) {
    this.path = path;
    this.#skip = options.skip ?? 0;
    this.#decode = options.decode ?? decodeLogLine;
    this.#rows = options.decode === undefined ? new RecordRows() : undefined;
  }

  get count(): number {
    return Math.max(0, this.#lines - this.#skip - (this.#rows?.hiddenCount ?? 0));
  }

  grow(maxBytes: number): boolean {
    const descriptor = this.#open();
    if (descriptor === undefined) return false;
    for (let left = maxBytes; left > 0;) {
      const read = this.#read(descriptor, this.#end, BUFFER);
      if (read === 0) return false;
      const taken = this.#index(BUFFER.subarray(0, read));
      if (taken === 0) return false;
      left -= taken;
      if (read < CHUNK_BYTES) return false;
    }
    return this.#size(descriptor) > this.#end;
  }

  lines(from: number, count: number): ScreenLine[] {
    const first = Math.max(0, from);
    const last = Math.min(first + count, this.count);
    if (last <= first) return [];
    const records = this.#records(this.#recordOf(first), this.#recordOf(last - 1) + 1);
    const lines: ScreenLine[] = [];
    for (const [number, text] of records) {
      const row = this.#rowOf(number);
      if (row !== undefined) lines.push(this.#joined(number, this.#decode(row, text)));
    }
    return lines;
  }

  /** The texts of records with their numbers, from `first` up to but excluding `last`. */
  #records(first: number, last: number): [number: number, text: string][] {
    const descriptor = this.#open();
    const records: [number, string][] = [];
    if (descriptor === undefined) return records;
    const entry = this.#entryBefore(first);
    let number = this.#indexed[entry] ?? 0;
    eachLine(
      (offset, buffer) => this.#read(descriptor, offset, buffer),
      this.#offsets[entry] ?? 0,
      (bytes) => {
        if (number >= first) records.push([number, bytes.toString("utf8")]);
        number += 1;
        return number < last;
      },
    );
    return records;
  }

  /** A line with its further pieces, except for what was overwritten. */
  #joined(number: number, line: ScreenLine): ScreenLine {
    let text = "";
    for (const piece of (this.#rows?.piecesOf(number - this.#skip) ?? []).toReversed()) {
      const [record] = this.#records(piece + this.#skip, piece + this.#skip + 1);
      text = (record === undefined ? "" : this.#decode(line.row, record[1]).text) + text;
      // The text before was overwritten, or nobody would read that much.
      if (startOfLastState(text) > 0 || text.length > MAX_JOINED_CHARACTERS) return { ...line, text };
    }
    return text === "" ? line : { ...line, text: line.text + text };
  }

  #recordOf(row: number): number {
    return this.#skip + (this.#rows?.recordOf(row) ?? row);
  }

  /** The row of a record; `undefined` if it has no row of its own. */
  #rowOf(number: number): number | undefined {
    const record = number - this.#skip;
    return this.#rows === undefined ? record : this.#rows.rowOf(record);
  }

  scan(place: ScanPlace, maxBytes: number, visit: (row: number, json: string) => void): ScanPlace {
    const descriptor = this.#open();
    if (descriptor === undefined) return place;
    let { row, offset } = place;
    const stop = Math.min(this.#end, offset + maxBytes);
    if (offset >= this.#end) return place;
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    while (offset < stop) {
      const read = Math.min(this.#read(descriptor, offset, buffer), this.#end - offset);
      const whole = buffer.subarray(0, read).lastIndexOf(NEWLINE) + 1;
      if (whole === 0) {
        if (read < buffer.length || buffer.length >= MAX_LINE_BYTES) break;
        buffer = Buffer.allocUnsafe(MAX_LINE_BYTES);
        continue;
      }
      const text = buffer.toString("utf8", 0, whole);
      for (let from = 0; from < text.length;) {
        const to = text.indexOf("\n", from);
        if (row >= this.#skip) this.#visit(row - this.#skip, text.slice(from, to), visit);
        from = to + 1;
        row += 1;
      }
      offset += whole;
    }
    return { row, offset };
  }

  /** Visits a record. A line in pieces is visited once, as a whole, at its last piece. */
  #visit(record: number, json: string, visit: (row: number, json: string) => void): void {
    const rows = this.#rows;
    if (rows === undefined) return visit(record, json);
    const head = rows.headOf(record);
    if (head !== undefined) {
      const row = rows.rowOf(head) ?? 0;
      const [line] = this.lines(row, 1);
      const stream = line?.stream === "err" ? "stderr" : "stdout";
      visit(row, JSON.stringify({ event: "output", stream, text: lastState(line?.text ?? "") }));
      return;
    }
    const row = rows.rowOf(record);
    if (row !== undefined && !rows.isInPieces(record)) visit(row, json);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #index(bytes: Buffer): number {
    let at = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, at);
      if (newline < 0) break;
      const number = this.#lines - this.#skip;
      if (number >= 0) this.#rows?.take(number, bytes.subarray(at, newline));
      at = newline + 1;
      this.#lines += 1;
      const offset = this.#end + at;
      const sinceLine = this.#lines - (this.#indexed.at(-1) ?? 0);
      if (sinceLine >= INDEX_LINES || offset - (this.#offsets.at(-1) ?? 0) >= INDEX_BYTES) {
        this.#offsets.push(offset);
        this.#indexed.push(this.#lines);
      }
    }
    // A line longer than the buffer is passed over in chunks until its end is found.
    const taken = at === 0 && bytes.length === CHUNK_BYTES ? bytes.length : at;
    this.#end += taken;
    return taken;
  }

  #entryBefore(line: number): number {
    let low = 0;
    let high = this.#indexed.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#indexed[middle] ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #open(): number | undefined {
    if (this.#descriptor !== undefined) return this.#descriptor;
    try {
      this.#descriptor = openSync(this.path, "r");
      return this.#descriptor;
    } catch {
      // A stream is created with its first record.
      return undefined;
    }
  }

  #read(descriptor: number, offset: number, buffer: Buffer): number {
    try {
      return readSync(descriptor, buffer, 0, buffer.length, offset);
    } catch {
      return 0;
    }
  }

  #size(descriptor: number): number {
    try {
      return fstatSync(descriptor).size;
    } catch {
      return 0;
    }
  }
}

/** Calls `visit` for each complete line from an offset on, until it returns `false`. */
function eachLine(
  read: (offset: number, buffer: Buffer) => number,
  from: number,
  visit: (line: Buffer) => boolean,
): void {
  let offset = from;
  let buffer = BUFFER.subarray(0, PART_BYTES);
  for (;;) {
    const count = read(offset, buffer);
    let at = 0;
    for (;;) {
      const newline = buffer.subarray(0, count).indexOf(NEWLINE, at);
      if (newline < 0) break;
      if (!visit(buffer.subarray(at, newline))) return;
      at = newline + 1;
    }
    if (count < buffer.length) return;
    if (at === 0) {
      if (buffer.length >= MAX_LINE_BYTES) return;
      buffer = Buffer.allocUnsafe(buffer.length * 4);
      continue;
    }
    offset += at;
  }
}
