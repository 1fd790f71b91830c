import type { LineScan } from "./line-scan.ts";
import type { LineSource } from "./line-source.ts";

/**
 * The rows of a log that are shown: all of them, or those that pass the filter. What is kept from one frame to the next
 * is a row of the whole log, because indices among the shown rows change with the filter.
 */
export interface ShownRows {
  /** How many rows are shown. */
  readonly count: number;
  /** How many rows the log has. */
  readonly all: number;
  /** The index of the first shown row at or after a row of the log; `count` if there is none. */
  indexOf(row: number): number;
  /** The row of the log at an index among the shown rows; beyond them, `all`. */
  rowAt(index: number): number;
}

/** The rows of a log that does not exist. */
export const NO_ROWS: ShownRows = { count: 0, all: 0, indexOf: () => 0, rowAt: () => 0 };

/** The rows of a log that pass its filter, if it has one. */
export function shownRows(log: { readonly source: LineSource; readonly filter?: LineScan }): ShownRows {
  const { source, filter } = log;
  const all = source.count;
  if (filter === undefined)
    return { count: all, all, indexOf: (row) => Math.min(row, all), rowAt: (index) => Math.min(index, all) };
  return {
    count: filter.count,
    all,
    indexOf: (row) => filter.firstFrom(row),
    rowAt: (index) => (index < filter.count ? filter.hit(index) : all),
  };
}
