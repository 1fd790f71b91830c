import { errorRows, isPrinted } from "./error-rows.ts";
import type { LineSource } from "./line-source.ts";

/** A line that was printed, as it was. */
export interface TellingLine {
  readonly text: string;
  /** Whether it reports an error. */
  readonly isError: boolean;
}

/** How many lines at the end of a log are looked at. */
const LOOKED_AT = 200;

/** How many lines are shown above the first one that reports an error, as in the failure view. */
const ABOVE = 2;

/** The last lines that were printed; from about the first error in them, if they report one. At most `room`. */
export function tellingLines(source: LineSource, room: number): readonly TellingLine[] {
  const from = Math.max(0, source.count - LOOKED_AT);
  const lines = source.lines(from, LOOKED_AT).filter(isPrinted);
  const errors = errorRows(lines);
  const last = Math.max(0, lines.length - room);
  const first = lines.findIndex(({ row }) => errors.has(row));
  const top = first < 0 ? last : Math.min(last, Math.max(0, first - ABOVE));
  return lines.slice(top, top + room).map(({ row, text }) => ({ text, isError: errors.has(row) }));
}
