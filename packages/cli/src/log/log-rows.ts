import { formatClock, type JobId } from "@loom/core";
import { fromWireTime } from "@loom/record";
import { type CleanOptions, type TextStyle, cleanLine, fitName, fitRow, wrapRow } from "@loom/reporters/view";
import { clockText } from "../local-time.ts";
import { SPINNER_CELL } from "../terminal/presenter.ts";
import { SHIFT_CELLS } from "../state/log-position.ts";
import type { LogPosition, TimeColumn } from "../state/ui-state.ts";
import type { LineScan } from "./line-scan.ts";
import type { LineSource } from "./line-source.ts";
import { ERROR_CONTEXT, errorRows } from "./error-rows.ts";
import type { LineMatcher } from "./line-matcher.ts";
import type { ScreenLine } from "./log-line.ts";

/** Which part of a log is shown, and how. */
export interface LogRowsInput {
  readonly source: LineSource;
  /** The rows that pass the filter, if there is one. */
  readonly filter?: LineScan;
  readonly position: LogPosition;
  /** The index of the first visible row, among those that pass the filter. */
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly wrap: boolean;
  readonly time: TimeColumn;
  readonly search?: LineMatcher;
  readonly style: TextStyle;
  /** Whether there is room for the number and the stream of a line. */
  readonly detailed: boolean;
  /** Lines of a document: no time, no stream. */
  readonly document: boolean;
  /** Where lines are of several jobs: the column of their names. */
  readonly names?: NameColumn;
}

/** A column of names of jobs. */
export interface NameColumn {
  /** Unit: cells. */
  readonly width: number;
  /** The number of each job, from 0, for its colour. */
  readonly numbers: ReadonlyMap<JobId, number>;
}

/** Bidirectional controls, Unicode line separators and other invisible characters that may garble a row. */
const DIRECTIONS = /[\u202A-\u202E\u2066-\u2069\u2028\u2029\u061C\uFFF9-\uFFFB\uFEFF]/g;

/** Lines are cut to this length. Unit: UTF-16 code units; far more than a screen shows, even wrapped. */
const MAX_CHARACTERS = 20_000;

/** The lines of a log from one on, at most `count`; with a filter, of those that pass it. */
export function linesOf(
  { source, filter }: { readonly source: LineSource; readonly filter?: LineScan },
  from: number,
  count: number,
): ScreenLine[] {
  if (filter === undefined) return source.lines(from, count);
  const lines: ScreenLine[] = [];
  for (let number = from; number < Math.min(from + count, filter.count); number += 1) {
    const [line] = source.lines(filter.hit(number), 1);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

/** The visible rows of a log, top to bottom, at most `height`, none wider than `width`. */
export function logRows(input: LogRowsInput): string[] {
  const { top, position, height, wrap } = input;
  const lines = linesOf(input, top, height);
  const base = startOf(input);
  const errors = input.document ? NO_ROWS : errorRows(withContext(lines, input));
  const rows = lines.map((line) => rowsOf(input, line, { baseMs: base, isError: errors.has(line.row) }));
  if (!wrap) return rows.flat();
  if (position.follow) return rows.flat().slice(-height);
  // A wrapped line may be taller than the screen, so its rows scroll one by one.
  const gone = Math.min(Math.floor(position.shift / SHIFT_CELLS), (rows[0]?.length ?? 1) - 1);
  return rows.flat().slice(gone, gone + height);
}

/**
 * Makes text of a job safe to show in a row: nothing in it moves the cursor, hides or reorders text, or is taken for
 * the spinner.
 */
export function rowText(text: string, color: boolean): string {
  return keptText(text, { color });
}

/** The same, with what is kept of it. */
function keptText(text: string, kept: Pick<CleanOptions, "color" | "links">): string {
  return cleanLine(text, { ...kept, maxCharacters: MAX_CHARACTERS })
    .replaceAll(DIRECTIONS, "")
    .replaceAll(SPINNER_CELL, "\uFFFD");
}

const NO_ROWS: ReadonlySet<number> = new Set();

/** The lines with the context that error reports may need; in a filtered log, the lines alone. */
function withContext(lines: readonly ScreenLine[], { source, filter }: LogRowsInput): readonly ScreenLine[] {
  const [first] = lines;
  if (first === undefined || filter !== undefined) return lines;
  const from = Math.max(0, first.row - ERROR_CONTEXT);
  return source.lines(from, first.row - from + lines.length + ERROR_CONTEXT);
}

function rowsOf(
  input: LogRowsInput,
  line: ScreenLine,
  { baseMs, isError }: { readonly baseMs: number; readonly isError: boolean },
): string[] {
  const { width, style, wrap, position, search } = input;
  const { palette, glyphs } = style;
  const lead = leadOf(input, line, baseMs);
  const isCurrent = position.current === line.row;
  const sign = isCurrent ? glyphs.pointer : isError ? "!" : " ";
  const gutter = `${palette.paint("dim", lead)} ${isError || isCurrent ? palette.paint("failed", sign) : sign} `;
  const name = nameOf(input, line);
  const nameWidth = input.names === undefined ? 0 : input.names.width + 3;
  const room = Math.max(1, width - lead.length - nameWidth - 3);
  const text = textOf(line, style, search);
  if (!wrap)
    return [gutter + name + fitRow(text, room, { shift: position.shift, ellipsis: glyphs.ellipsis })];
  return wrapRow(text, room).map(
    (piece, index) => (index === 0 ? gutter + name : " ".repeat(lead.length + nameWidth + 3)) + piece,
  );
}

/** The name of the job before its line, as `loom logs` prints it, cut to the column. */
function nameOf({ names, style }: LogRowsInput, { job }: ScreenLine): string {
  if (names === undefined) return "";
  const { palette, glyphs } = style;
  const name = fitName(job ?? "", names.width, glyphs.ellipsis);
  const number = job === undefined ? undefined : names.numbers.get(job);
  const painted = number === undefined ? name : palette.paintJob(number, name);
  return `${painted} ${palette.paint("dim", glyphs.side)} `;
}

function textOf(line: ScreenLine, style: TextStyle, search: LineMatcher | undefined): string {
  const { palette } = style;
  if (search?.mark !== undefined && search.matches(line)) {
    return search.mark(rowText(line.text, false), (found) => palette.paint("match", found));
  }
  if (line.stream === "cmd") return palette.paint("bold", rowText(line.text, false));
  if (line.stream === "sys") return palette.paint("dim", rowText(line.text, false));
  return keptText(line.text, { color: palette.color, links: style.links });
}

/** Time, number and stream of a line, those that are turned on and for which there is room. */
function leadOf(input: LogRowsInput, line: ScreenLine, baseMs: number): string {
  if (input.document) return input.width >= 40 ? `${String(line.row + 1).padStart(5)} ` : "";
  const parts: string[] = [];
  if (input.width >= 36) {
    if (input.time === "clock") parts.push(clockOf(line.ts, input.detailed));
    if (input.time === "since") parts.push(sinceOf(line.ts, baseMs, input.detailed));
  }
  if (input.detailed)
    parts.push(
      line.stream === "sys" || line.stream === "cmd" ? "     -" : String(line.row + 1).padStart(6),
      line.stream,
    );
  return parts.length === 0 ? "" : ` ${parts.join(" ")}`;
}

function clockOf(ts: string, detailed: boolean): string {
  const at = new Date(ts);
  if (Number.isNaN(at.getTime())) return " ".repeat(detailed ? 12 : 8);
  const clock = clockText(at);
  return detailed ? `${clock}.${String(at.getMilliseconds()).padStart(3, "0")}` : clock;
}

function sinceOf(ts: string, baseMs: number, detailed: boolean): string {
  const ms = fromWireTime(ts) - baseMs;
  if (Number.isNaN(ms)) return " ".repeat(detailed ? 12 : 8);
  const text = `+${formatClock(ms)}${detailed ? `.${String(Math.max(0, ms) % 1000).padStart(3, "0")}` : ""}`;
  return text.padStart(detailed ? 12 : 8);
}

function startOf(input: LogRowsInput): number {
  if (input.time !== "since" || input.document) return 0;
  const [first] = input.source.lines(0, 1);
  return first === undefined ? 0 : fromWireTime(first.ts);
}
