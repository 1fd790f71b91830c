import { LineScan, type RowFinder } from "./line-scan.ts";
import { errorFinder } from "./error-rows.ts";
import { lineMatcher, type LineMatcher } from "./line-matcher.ts";
import type { LineSource } from "./line-source.ts";
import { JobLog } from "./job-log.ts";
import { LogStore } from "./log-store.ts";
import type { ScreenLine } from "./log-line.ts";

/** How many logs stay open. Reopening one costs little. */
const MAX_OPEN_LOGS = 6;

/** Bytes read at a time, so that nothing else waits for more than a few milliseconds. */
const GROW_BYTES = 4 * 1024 * 1024;

/** Time limit of a search slice, during which keys wait. It may be exceeded by 2 or 3. Unit: milliseconds. */
const SCAN_MS = 12;

/** One open log, with its searches. */
export interface OpenLog {
  readonly source: LineSource;
  filter?: LineScan;
  search?: LineScan;
  errors?: LineScan<RowFinder>;
  /** Whether there is more to read or to search. */
  going: boolean;
}

/** Keeps recently shown logs open, with their searches. */
export class LogCache {
  readonly #now: () => number;
  readonly #open = new Map<string, OpenLog>();
  #search: LineMatcher | undefined;
  #filter: LineMatcher | undefined;

  /** @param now - A clock in milliseconds. It only limits how long a slice of work takes. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The search, which applies to all logs. */
  get search(): LineMatcher | undefined {
    return this.#search;
  }

  /** Whether there is a search or a filter. */
  get isSearching(): boolean {
    return this.#search !== undefined || this.#filter !== undefined;
  }

  /** Sets the search and the filter, as the user typed them; an empty text removes one. */
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
   * A log. It is opened at the first call, and read as far as one frame allows.
   *
   * @param path - Absolute path of the file; for a job, of its directory.
   * @param commands - The commands of the job's steps, in order.
   */
  log(path: string, kind: "events" | "document" | "job", commands: readonly string[] = []): OpenLog {
    return this.open(path, () =>
      kind === "job"
        ? new JobLog(path, commands)
        : new LogStore(path, kind === "events" ? { skip: 1 } : { decode: documentLine }),
    );
  }

  /** The same for a log that `make` opens. */
  open(path: string, make: () => LineSource): OpenLog {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return this.#prepared(known);
    }
    const source = make();
    const log: OpenLog = { source, going: source.grow(GROW_BYTES) };
    this.#open.set(path, log);
    for (const [oldest, { source: unused }] of this.#open) {
      if (this.#open.size <= MAX_OPEN_LOGS) break;
      unused.close();
      this.#open.delete(oldest);
    }
    return this.#prepared(log);
  }

  /** Does one slice of work: reads what was added, and searches it. */
  advance(log: OpenLog): void {
    const more = log.source.grow(GROW_BYTES);
    const end = this.#now() + SCAN_MS;
    const mayGoOn = (): boolean => this.#now() < end;
    const scans = [log.filter, log.search, log.errors].filter((scan) => scan !== undefined);
    // `map` before `includes`: every scan gets its turn, and resumes where it stopped.
    log.going = scans.map((scan) => scan.advance(mayGoOn)).includes(true) || more;
  }

  /** The scan for lines that report errors, started at the first call. */
  errorsOf(log: OpenLog): LineScan<RowFinder> {
    log.errors ??= new LineScan(log.source, errorFinder());
    return log.errors;
  }

  /** Closes a log whose file starts over. */
  forget(path: string): void {
    this.#open.get(path)?.source.close();
    this.#open.delete(path);
  }

  /** Closes every file. */
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
