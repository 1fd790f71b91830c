import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { decodeEvent, openRun } from "@loom/artifacts";
import { lastState, startOfLastState, unreachable, type JobId, type LoomEvent } from "@loom/core";
import { PlacedRecords, type PlacedFile, type PlacedRecord } from "@loom/diagnosis";
import { decodeLogLine, type ScreenLine } from "./log-line.ts";
import type { LineSource, ScanPlace } from "./line-source.ts";
import { ALL_JOBS_KEY } from "./log-key.ts";
import { RowBlocks, type RowBlock, type BlockPart } from "./row-blocks.ts";

/** How many files stay open. */
const MAX_OPEN_FILES = 24;

/** Pieces of a line are joined up to this length. Unit: bytes, about. */
const MAX_JOINED_BYTES = 1024 * 1024;

/** Between two looks at the streams pass so many times what finding them took: a run may have ten thousand. */
const LOOK_SHARE = 4;

/** What a log of all jobs needs. */
export interface RunLogOptions {
  /** The commands of the steps of a job, in order; empty if they are not known. */
  readonly commands: (job: JobId) => readonly string[];
  /** Whether the run prints nothing more. */
  readonly isOver: () => boolean;
  /** A clock in milliseconds. Default: the system's. */
  readonly now?: () => number;
}

/** Bytes of a file that hold one record. */
interface Place {
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The log of all jobs of a run, merged in the order in which it was printed, as `loom logs` prints it.
 *
 * Only the places of the lines are in memory, and no text. The order comes from `PlacedRecords`, which is asynchronous:
 * `grow` only allows it to go on.
 */
export class AllJobsLog implements LineSource {
  readonly path: string;
  readonly #directory: string;
  readonly #options: RunLogOptions;
  readonly #blocks = new RowBlocks();
  readonly #files: PlacedFile[] = [];
  readonly #numbers = new Map<PlacedFile, number>();
  /** By file and output: the pieces of a line without its end. */
  readonly #pieces = new Map<string, Place[]>();
  /** The earlier pieces of the rows that came in several. */
  readonly #joined = new Map<number, readonly Place[]>();
  /** Descriptors by the number of their file, the one used last at the end. */
  readonly #open = new Map<number, number>();
  /** The block that was read last, as the texts of its rows. */
  #read: { readonly firstRow: number; readonly texts: readonly string[] } | undefined;
  #records: PlacedRecords | undefined;
  /** How many bytes were read, and how many may be before `grow` is called again. */
  #taken = 0;
  #allowed = 0;
  #resume: (() => void) | undefined;
  #state: "idle" | "looking" | "rested" = "idle";
  #nextLookMs = 0;
  #isClosed = false;

  /** @param directory - Absolute path of the run. */
  constructor(directory: string, options: RunLogOptions) {
    this.path = join(directory, ALL_JOBS_KEY);
    this.#directory = directory;
    this.#options = options;
  }

  get count(): number {
    return this.#blocks.rows;
  }

  grow(maxBytes: number): boolean {
    if (this.#isClosed) return false;
    this.#allowed = this.#taken + maxBytes;
    this.#resume?.();
    if (this.#state === "looking") return true;
    if (this.#state === "rested") {
      this.#state = "idle";
      return false;
    }
    if (this.#now() < this.#nextLookMs) return true;
    this.#state = "looking";
    void this.#look();
    return true;
  }

  lines(from: number, count: number): ScreenLine[] {
    const lines: ScreenLine[] = [];
    const end = Math.min(from + count, this.count);
    for (let row = Math.max(0, from); row < end;) {
      const block = this.#blocks.blockOf(row);
      if (block === undefined) break;
      const texts = this.#textsOf(block);
      const last = Math.min(end, block.firstRow + block.rows);
      for (; row < last; row += 1) {
        const index = row - block.firstRow;
        lines.push(this.#lineOf(row, texts[index] ?? "", this.#jobAt(block, index)));
      }
    }
    return lines;
  }

  jobOf(row: number): JobId | undefined {
    const block = this.#blocks.blockOf(row);
    return block && this.#jobAt(block, row - block.firstRow);
  }

  scan(place: ScanPlace, maxBytes: number, visit: (row: number, json: string) => void): ScanPlace {
    let { row } = place;
    for (let bytes = 0; bytes < maxBytes;) {
      const block = this.#blocks.blockOf(row);
      if (block === undefined) break;
      const texts = this.#textsOf(block);
      for (; row < block.firstRow + block.rows; row += 1) {
        const index = row - block.firstRow;
        visit(row, this.#jsonOf(row, texts[index] ?? "", this.#jobAt(block, index)));
      }
      bytes += block.bytes;
    }
    return { row, offset: row };
  }

  close(): void {
    this.#isClosed = true;
    this.#resume?.();
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  /** Adds what was written since the last look. */
  async #look(): Promise<void> {
    const beganMs = this.#now();
    // Asked first: what is over now has all its lines on disk.
    const isOver = this.#options.isOver();
    const before = this.#taken;
    let foundMs: number | undefined;
    try {
      const records = await this.#placedRecords();
      for await (const record of records?.unread() ?? []) {
        foundMs ??= this.#now();
        this.#add(record);
        while (this.#taken >= this.#allowed && !this.#isClosed) await this.#allowance();
        if (this.#isClosed) return;
      }
    } catch {
      // A folder that cannot be read is looked at again.
    }
    if (isOver) for (const key of this.#pieces.keys()) this.#endLine(key);
    this.#state = this.#taken > before ? "idle" : "rested";
    const now = this.#now();
    this.#nextLookMs = now + ((foundMs ?? now) - beganMs) * LOOK_SHARE;
  }

  async #placedRecords(): Promise<PlacedRecords | undefined> {
    if (this.#records !== undefined) return this.#records;
    const run = await openRun(this.#directory);
    if (run.ok) this.#records = new PlacedRecords(run.value);
    return this.#records;
  }

  /** Resolves when `grow` is called, or the log is closed. */
  async #allowance(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resume = resolve;
    await promise;
    this.#resume = undefined;
  }

  #add({ event, file, start, end }: PlacedRecord): void {
    const place = { file: this.#numberOf(file), start, end };
    this.#taken += end - start;
    switch (event.event) {
      case "output":
        return this.#addOutput(event, place);
      case "log":
        return this.#blocks.add(place.file, start, end);
      case "phase_start":
        // It stands for the command of the step.
        if (event.step !== undefined) this.#blocks.add(place.file, start, end);
        return undefined;
      case "phase_finish":
        for (const output of ["stdout", "stderr"]) this.#endLine(`${place.file} ${output}`);
        return undefined;
      case "job_state":
        return undefined;
      default:
        return unreachable(event);
    }
  }

  #addOutput(event: Extract<LoomEvent, { event: "output" }>, place: Place): void {
    const key = `${place.file} ${event.stream}`;
    const pieces = this.#pieces.get(key);
    if (pieces === undefined && event.partial !== true)
      return this.#blocks.add(place.file, place.start, place.end);
    const all = [...(pieces ?? []), place];
    this.#pieces.set(key, all);
    const bytes = all.reduce((sum, { start, end }) => sum + end - start, 0);
    if (event.partial !== true || bytes > MAX_JOINED_BYTES) this.#endLine(key);
    return undefined;
  }

  /** Makes a row of the pieces of a line. */
  #endLine(key: string): void {
    const pieces = this.#pieces.get(key);
    this.#pieces.delete(key);
    const last = pieces?.at(-1);
    if (pieces === undefined || last === undefined) return;
    if (pieces.length > 1) this.#joined.set(this.count, pieces.slice(0, -1));
    this.#blocks.add(last.file, last.start, last.end);
  }

  #numberOf(file: PlacedFile): number {
    const known = this.#numbers.get(file);
    if (known !== undefined) return known;
    const number = this.#files.push(file) - 1;
    this.#numbers.set(file, number);
    return number;
  }

  #jobAt(block: RowBlock, index: number): JobId | undefined {
    const part = block.parts[block.order[index] ?? 0];
    return part && this.#files[part.file]?.stream.jobId;
  }

  #lineOf(row: number, text: string, job: JobId | undefined): ScreenLine {
    const line = this.#decoded(row, text, job);
    const pieces = this.#joined.get(row);
    const joined = pieces === undefined ? line : { ...line, text: this.#join(pieces, line.text) };
    return job === undefined ? joined : { ...joined, job };
  }

  #decoded(row: number, text: string, job: JobId | undefined): ScreenLine {
    const command = this.#commandOf(text, job);
    const line = decodeLogLine(row, text);
    return command === undefined ? line : { ...line, stream: "cmd", text: command };
  }

  /** A record as it is searched: a line in pieces as a whole, and a command as the line that shows it. */
  #jsonOf(row: number, text: string, job: JobId | undefined): string {
    const command = this.#commandOf(text, job);
    if (command !== undefined) return JSON.stringify({ event: "command", text: command });
    if (!this.#joined.has(row)) return text;
    const line = this.#lineOf(row, text, job);
    const stream = line.stream === "err" ? "stderr" : "stdout";
    return JSON.stringify({ event: "output", stream, text: lastState(line.text) });
  }

  /** The line for the start of a step; `undefined` for any other record, or without its command. */
  #commandOf(text: string, job: JobId | undefined): string | undefined {
    if (job === undefined || !text.includes('"event":"phase_start"')) return undefined;
    const event = decodeEvent(text);
    if (!event.ok || event.value.event !== "phase_start" || event.value.step === undefined) return undefined;
    const { step, attempt = 1 } = event.value;
    const [first, ...more] = (this.#options.commands(job)[step - 1] ?? "").trimEnd().split("\n");
    if (first === undefined || first === "") return undefined;
    const again = attempt > 1 ? `attempt ${attempt}  ` : "";
    return `${again}$ ${first}${more.length > 0 ? " …" : ""}`;
  }

  /** Puts the pieces of a line before its last one; what was overwritten is left out. */
  #join(pieces: readonly Place[], last: string): string {
    let text = last;
    for (const { file, start, end } of pieces.toReversed()) {
      if (startOfLastState(text) > 0) return text;
      const [json = ""] = this.#recordsIn({ file, start, end, rows: 1 });
      text = decodeLogLine(0, json).text + text;
    }
    return text;
  }

  /** The texts of the records of a block, by row. */
  #textsOf(block: RowBlock): readonly string[] {
    if (this.#read?.firstRow === block.firstRow && this.#read.texts.length === block.rows)
      return this.#read.texts;
    const parts = block.parts.map((part) => this.#recordsIn(part));
    const next = parts.map(() => 0);
    const texts = block.order.map((part) => {
      const index = next[part] ?? 0;
      next[part] = index + 1;
      return parts[part]?.[index] ?? "";
    });
    // What could not be read may be there after the next look.
    if (parts.every((part, index) => part.length === block.parts[index]?.rows))
      this.#read = { firstRow: block.firstRow, texts };
    return texts;
  }

  #recordsIn(part: BlockPart): readonly string[] {
    const text = this.#bytesOf(part).toString("utf8");
    const lines = text.split("\n").filter((line) => line !== "");
    // Damaged records have no row.
    return lines.length === part.rows ? lines : lines.filter((line) => decodeEvent(line).ok);
  }

  #bytesOf({ file, start, end }: BlockPart): Buffer {
    const descriptor = this.#descriptorOf(file);
    if (descriptor === undefined) return Buffer.alloc(0);
    const bytes = Buffer.allocUnsafe(end - start);
    try {
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start));
    } catch {
      return Buffer.alloc(0);
    }
  }

  /** An open file; `undefined` if it is gone, or was moved since the last look. */
  #descriptorOf(number: number): number | undefined {
    const known = this.#open.get(number);
    if (known !== undefined) {
      this.#open.delete(number);
      this.#open.set(number, known);
      return known;
    }
    const file = this.#files[number];
    if (file === undefined || this.#isClosed) return undefined;
    try {
      const descriptor = openSync(join(this.#directory, file.stream.path), "r");
      if (fstatSync(descriptor).ino !== file.inode) {
        closeSync(descriptor);
        return undefined;
      }
      this.#open.set(number, descriptor);
      const [oldest] = this.#open;
      if (this.#open.size > MAX_OPEN_FILES && oldest !== undefined) {
        closeSync(oldest[1]);
        this.#open.delete(oldest[0]);
      }
      return descriptor;
    } catch {
      return undefined;
    }
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }
}
