import { LineScan, type RowFinder } from "./line-scan.ts";
import { errorFinder } from "./error-rows.ts";
import { lineMatcher, type LineMatcher } from "./line-matcher.ts";
import type { LineSource } from "./line-source.ts";
import { JobLog } from "./job-log.ts";
import { LogStore } from "./log-store.ts";
import type { ScreenLine } from "./log-line.ts";

/** Logs that stay open; reading one again costs little. */
const MOST_OPEN = 6;

/** Bytes that are looked at in one go, so that nothing waits for more than a few milliseconds. */
const GROW_BYTES = 4 * 1024 * 1024;

/** How long searches may work in one go, while a key waits; a slice may end two or three later. Unit: milliseconds. */
const SCAN_MS = 12;

/** One log with what is looked for in it. */
export interface OpenLog {
  readonly source: LineSource;
  filter?: LineScan;
  search?: LineScan;
  errors?: LineScan<RowFinder>;
  /** Whether there is more to read or to look through. */
  going: boolean;
}

/** Keeps the logs that are looked at, and what is looked for in them. */
export class LogCache {
  readonly #now: () => number;
  readonly #open = new Map<string, OpenLog>();
  #search: LineMatcher | undefined;
  #filter: LineMatcher | undefined;

  /** @param now - Milliseconds, for the length of work only. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What is looked for, in all logs. */
  get search(): LineMatcher | undefined {
    return this.#search;
  }

  /** Whether something is looked for or let through. */
  get isSearching(): boolean {
    return this.#search !== undefined || this.#filter !== undefined;
  }

  /** Sets what is looked for and what is let through, as the person wrote it. */
  seek(search: string, filter: string): void {
    if ((this.#search?.query ?? "") !== search) {
      this.#search = lineMatcher(search);
      for (const log of this.#open.values()) delete log.search;
    }
    if ((this.#filter?.query ?? "") !== filter) {
      this.#filter = lineMatcher(filter, true);
      for (const log of this.#open.values()) delete log.filter;
    }
  }

  /**
   * A log, opened and read as far as a frame may take.
   *
   * @param path - Absolute; of a job its directory.
   * @param commands - What the steps of a job run.
   */
  log(path: string, kind: "events" | "document" | "job", commands: readonly string[] = []): OpenLog {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return this.#prepared(known);
    }
    const source =
      kind === "job"
        ? new JobLog(path, commands)
        : new LogStore(path, kind === "events" ? { skip: 1 } : { decode: documentLine });
    const log: OpenLog = { source, going: source.grow(GROW_BYTES) };
    this.#open.set(path, log);
    for (const [oldest, { source: unused }] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      unused.close();
      this.#open.delete(oldest);
    }
    return this.#prepared(log);
  }

  /** Works on for a while: reads what was added, looks through it. */
  advance(log: OpenLog): void {
    const more = log.source.grow(GROW_BYTES);
    const end = this.#now() + SCAN_MS;
    const mayGoOn = (): boolean => this.#now() < end;
    const scans = [log.filter, log.search, log.errors].filter((scan) => scan !== undefined);
    // Every scan gets its turn: the next call begins where this one stopped.
    log.going = scans.map((scan) => scan.advance(mayGoOn)).includes(true) || more;
  }

  /** The scan for lines that report errors. */
  errorsOf(log: OpenLog): LineScan<RowFinder> {
    log.errors ??= new LineScan(log.source, errorFinder());
    return log.errors;
  }

  /** Forgets a log whose file begins anew. */
  forget(path: string): void {
    this.#open.get(path)?.source.close();
    this.#open.delete(path);
  }

  /** Gives every file back. */
  close(): void {
    for (const { source } of this.#open.values()) source.close();
    this.#open.clear();
  }

  #prepared(log: OpenLog): OpenLog {
    if (this.#filter !== undefined && log.filter === undefined) {
      log.filter = new LineScan(log.source, this.#filter);
      this.advance(log);
    }
    if (this.#search !== undefined && log.search === undefined) {
      log.search = new LineScan(log.source, this.#search);
      this.advance(log);
    }
    return log;
  }
}

function documentLine(row: number, text: string): ScreenLine {
  return { row, ts: "", stream: "out", text };
}
