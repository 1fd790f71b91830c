import { unpackTimes } from "../line-times.ts";
import type { LogRun, ReportedJob, ReportedLog } from "../report-data.ts";

/** A row of the log: a heading, a line, or the place of lines that are left out. */
export type LogRow =
  | { readonly kind: "heading"; readonly run: LogRun }
  | { readonly kind: "line"; readonly index: number; readonly number: number }
  | { readonly kind: "gap"; readonly first: number; readonly lines: number };

/** The unpacked log of one job. */
export class PackedJobLog {
  readonly about: ReportedLog;
  readonly #lines: readonly string[];
  readonly #packedTimes: string;
  #times: Float64Array | undefined;

  /** @param text - The times, as one line; then lines with the sign of their stream before each. */
  constructor(about: ReportedLog, text: string) {
    this.about = about;
    const end = text.indexOf("\n");
    this.#packedTimes = text.slice(0, end);
    this.#lines = text.slice(end + 1).split("\n");
  }

  /** How many lines are here. */
  get length(): number {
    return this.#lines.length;
  }

  text(index: number): string {
    return this.#lines[index]?.slice(1) ?? "";
  }

  /** When a line was printed. RFC 3339, UTC, milliseconds, as `loom logs --timestamps` prints it. */
  time(index: number): string {
    this.#times ??= unpackTimes(this.#packedTimes);
    const date = new Date(this.#times[index] ?? Number.NaN);
    return Number.isNaN(date.getTime()) ? "" : date.toISOString();
  }

  stream(index: number): "stdout" | "stderr" | "log" {
    const sign = this.#lines[index]?.[0];
    return sign === "!" ? "stderr" : sign === "#" ? "log" : "stdout";
  }

  /** The number of a line in all that the job printed, from 1. */
  numberOf(index: number): number {
    const { left_out: gap } = this.about;
    return gap === undefined || index + 1 < gap.first ? index + 1 : index + 1 + gap.lines;
  }

  /** Where a line of that number is; of one that is left out, where the next one is. */
  indexOf(number: number): number {
    const { left_out: gap } = this.about;
    if (gap === undefined || number < gap.first) return number - 1;
    return Math.max(gap.first, number - gap.lines) - 1;
  }

  /** The lines that hold a text, in whatever case. */
  search(query: string): readonly number[] {
    const wanted = query.toLowerCase();
    const found: number[] = [];
    if (wanted === "") return found;
    for (let index = 0; index < this.#lines.length; index += 1)
      if (this.text(index).toLowerCase().includes(wanted)) found.push(index);
    return found;
  }

  /** The last line of a step that reads so, without regard to spaces around it; -1 where there is none. */
  lastLike(line: string, step: number | undefined): number {
    const wanted = line.trim();
    for (const run of this.about.runs.toReversed()) {
      if (step !== undefined && run.step !== step) continue;
      for (let number = run.first + run.lines - 1; number >= run.first; number -= 1)
        if (this.text(this.indexOf(number)).trim() === wanted) return this.indexOf(number);
    }
    return -1;
  }

  /** All rows, or those of one step. */
  rows(step?: number): readonly LogRow[] {
    const rows: LogRow[] = [];
    const { runs, left_out: gap } = this.about;
    let isPast = gap === undefined;
    for (const run of runs) {
      if (gap !== undefined && !isPast && run.first >= gap.first) {
        isPast = true;
        rows.push({ kind: "gap", ...gap });
      }
      if (step !== undefined && run.step !== step) continue;
      rows.push({ kind: "heading", run });
      for (let number = run.first; number < run.first + run.lines; number += 1)
        rows.push({ kind: "line", index: this.indexOf(number), number });
    }
    if (!isPast && gap !== undefined) rows.push({ kind: "gap", ...gap });
    return rows;
  }
}

/** Finds the packed logs in the page, and unpacks each when it is first asked for. */
export class PackedLogs {
  readonly #jobs: readonly ReportedJob[];
  readonly #packed: (job: number) => string | undefined;
  readonly #unpacked = new Map<number, Promise<PackedJobLog | undefined>>();

  /** @param packed - The packed log of a job, by its place in the list of jobs. */
  constructor(jobs: readonly ReportedJob[], packed: (job: number) => string | undefined) {
    this.#jobs = jobs;
    this.#packed = packed;
  }

  /** @returns `undefined` for a job that has no log here. */
  async read(job: number): Promise<PackedJobLog | undefined> {
    const known = this.#unpacked.get(job);
    if (known !== undefined) return await known;
    const reading = this.#unpack(job);
    this.#unpacked.set(job, reading);
    return await reading;
  }

  async #unpack(job: number): Promise<PackedJobLog | undefined> {
    const about = this.#jobs[job]?.log;
    const packed = this.#packed(job);
    if (about === undefined || packed === undefined) return undefined;
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new PackedJobLog(about, await new Response(stream).text());
  }
}
