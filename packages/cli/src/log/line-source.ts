import type { ScreenLine } from "./log-line.ts";

/** Lines that can be read anywhere, however many there are. */
export interface LineSource {
  /** Absolute path of the file behind it. */
  readonly path: string;
  /** How many lines are known by now. */
  readonly count: number;
  /**
   * Looks for what was added.
   *
   * @param maxBytes - At most so much is read.
   * @returns Whether there is more to look at.
   */
  grow(maxBytes: number): boolean;
  /** Lines from a row on, at most `count`. */
  lines(from: number, count: number): ScreenLine[];
  /**
   * Reads on from a place, for a search over everything.
   *
   * @returns Where to read on; the same place when nothing whole is left.
   */
  scan(place: ScanPlace, maxBytes: number, visit: (row: number, json: string) => void): ScanPlace;
  /** Gives back what the operating system lent. */
  close(): void;
}

/** A place between two lines. */
export interface ScanPlace {
  readonly row: number;
  readonly offset: number;
}
