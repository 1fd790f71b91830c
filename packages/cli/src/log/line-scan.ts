import type { LineMatcher } from "./line-matcher.ts";
import type { LineSource, ScanPlace } from "./line-source.ts";

/** Bytes scanned between two checks of the clock: about a millisecond. */
const SLICE_BYTES = 256 * 1024;

/** A record, as the JSON text in its file. */
export interface ScannedRecord {
  readonly row: number;
  readonly json: string;
}

/** Finds rows by looking at several lines at a time. */
export interface RowFinder {
  /**
   * @param records - The records that follow those of the previous call.
   * @returns The rows that match. They may include rows of earlier calls, whether or not those returned them.
   */
  find(records: readonly ScannedRecord[]): readonly number[];
}

/** The matching rows of a log, found slice by slice, while the log may still grow. */
export class LineScan<M extends LineMatcher | RowFinder = LineMatcher> {
  readonly matcher: M;
  readonly #source: LineSource;
  #place: ScanPlace = { row: 0, offset: 0 };
  #hits = new Uint32Array(1024);
  #count = 0;

  constructor(source: LineSource, matcher: M) {
    this.#source = source;
    this.matcher = matcher;
  }

  /** How many matches were found so far. */
  get count(): number {
    return this.#count;
  }

  /** The row of a match, by its number from 0; 0 where there is no such match. */
  hit(number: number): number {
    return number < this.#count ? (this.#hits[number] ?? 0) : 0;
  }

  /** The number of the first match at or after a row; `count` when there is none. */
  firstFrom(row: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#hits[middle] ?? 0) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Continues the scan for a while.
   *
   * @param mayGoOn - Called after about every millisecond of work; `false` pauses the scan.
   * @returns Whether there is more to scan.
   */
  advance(mayGoOn: () => boolean): boolean {
    for (;;) {
      const before = this.#place;
      this.#place = this.#scan(before);
      if (this.#place.offset === before.offset) return false;
      if (!mayGoOn()) return true;
    }
  }

  #scan(from: ScanPlace): ScanPlace {
    const matcher: LineMatcher | RowFinder = this.matcher;
    if ("matchesRecord" in matcher) {
      return this.#source.scan(from, SLICE_BYTES, (row, json) => {
        if (matcher.matchesRecord(json)) this.#add(row);
      });
    }
    const records: ScannedRecord[] = [];
    const place = this.#source.scan(from, SLICE_BYTES, (row, json) => void records.push({ row, json }));
    for (const row of matcher.find(records)) if (!this.#has(row)) this.#add(row);
    return place;
  }

  #has(row: number): boolean {
    const at = this.firstFrom(row);
    return at < this.#count && this.#hits[at] === row;
  }

  #add(row: number): void {
    if (this.#count === this.#hits.length) {
      const larger = new Uint32Array(this.#hits.length * 2);
      larger.set(this.#hits);
      this.#hits = larger;
    }
    // A line that came in pieces is found with its last piece, after later rows were found.
    let at = this.#count;
    while (at > 0 && (this.#hits[at - 1] ?? 0) > row) at -= 1;
    if (at < this.#count) this.#hits.copyWithin(at + 1, at, this.#count);
    this.#hits[at] = row;
    this.#count += 1;
  }
}
