import type { JobId } from "@loom/core";
import type { ScreenLine } from "./log-line.ts";

/** Lines with random access, however many there are. */
export interface LineSource {
  /** Absolute path of its file; for a job or all of them, of the directory. */
  readonly path: string;
  /** How many lines were found so far. */
  readonly count: number;
  /**
   * Reads what was added.
   *
   * @param maxBytes - About how much is read at most, for each file.
   * @returns Whether there is more to read.
   */
  grow(maxBytes: number): boolean;
  /** The lines from a row on, at most `count`, in order. */
  lines(from: number, count: number): ScreenLine[];
  /**
   * Visits the lines from a place on, for a search through everything.
   *
   * @param maxBytes - About how much is read at most.
   * @returns Where to continue; the same place if no complete line is left.
   */
  scan(place: ScanPlace, maxBytes: number, visit: (row: number, json: string) => void): ScanPlace;
  /** The job that printed a row; absent where all rows are of the same one. */
  jobOf?(row: number): JobId | undefined;
  /** Closes the file. */
  close(): void;
}

/** A place between two lines, from which a scan continues. Its numbers mean something only to their source. */
export interface ScanPlace {
  readonly row: number;
  readonly offset: number;
}
