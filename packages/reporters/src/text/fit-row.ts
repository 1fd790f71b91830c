import { LINK_END } from "./link.ts";
import { cellWidth, eachCell, isPlainAscii } from "./cell-width.ts";

/** How a row is made as wide as its place. */
export interface FitOptions {
  /** Stands for text that was cut off on the right. Default `…`. */
  readonly ellipsis?: string;
  /** Cells that are cut off on the left. Default 0. */
  readonly shift?: number;
  /** Fills the row up to its width. Default: nothing does. */
  readonly pad?: boolean;
}

/** A style, the start or the end of a link, or text. */
// oxlint-disable-next-line no-control-regex -- styles and links are control sequences
const STYLED = /(\u001B\[[\d;:]*m)|(\u001B\]8;;[\u0021-\u007E]*\u0007)|([^\u001B]+)|\u001B/g;
const RESET = "\u001B[0m";

/**
 * Cuts a row to a number of cells. Styles (SGR) and links take none, and none is
 * left on behind the row. A wide character that would stand half outside is left out.
 *
 * @param row - Cleaned text: styles and links are the only control characters in it.
 * @param width - Cells, 0 or more.
 */
export function fitRow(row: string, width: number, options: FitOptions = {}): string {
  const { ellipsis = "…", shift = 0, pad = false } = options;
  if (width <= 0) return "";
  if (isPlainAscii(row)) return fitPlain(row, width, { ellipsis, shift, pad });
  const whole = measure(row) - shift;
  const cut = whole > width;
  const mark = cut && ellipsis.length <= width ? ellipsis : "";
  const { text, cells } = slice(row, shift, width - mark.length);
  const filled = cells + mark.length;
  return text + mark + (pad ? " ".repeat(Math.max(0, width - filled)) : "");
}

/** What of a name that is cut stays at its beginning; names in one place differ at their ends. */
const HEAD_SHARE = 0.4;

/**
 * Makes a name as wide as its place: one that is too long is cut in the middle, and filled up at the end.
 *
 * @param name - The id of a job: one cell a character, no styles.
 * @param ellipsis - Stands for what was cut out. Default `…`.
 */
export function fitName(name: string, width: number, ellipsis = "…"): string {
  const room = width - ellipsis.length;
  if (name.length <= width || room < 2 || !isPlainAscii(name))
    return fitRow(name, width, { ellipsis, pad: true });
  const head = Math.max(1, Math.floor(room * HEAD_SHARE));
  return name.slice(0, head) + ellipsis + name.slice(head - room);
}

/** How many cells a row with styles and links takes. */
export function rowWidth(row: string): number {
  return isPlainAscii(row) ? row.length : measure(row);
}

/** Cuts a row into pieces of at most `width` cells; styles and links go on from piece to piece. An empty row is one piece. */
export function wrapRow(row: string, width: number): string[] {
  const all = rowWidth(row);
  if (all <= width || width <= 0) return [row];
  const pieces: string[] = [];
  for (let from = 0; from < all;) {
    const { text, cells } = slice(row, from, width);
    pieces.push(text);
    // A character wider than the whole row is left out.
    from += Math.max(1, cells);
  }
  return pieces;
}

function fitPlain(row: string, width: number, options: Required<FitOptions>): string {
  const { ellipsis, shift, pad } = options;
  const rest = shift > 0 ? row.slice(shift) : row;
  if (rest.length <= width) return pad ? rest.padEnd(width) : rest;
  return ellipsis.length <= width ? rest.slice(0, width - ellipsis.length) + ellipsis : rest.slice(0, width);
}

function measure(row: string): number {
  let cells = 0;
  for (const [, , , text] of row.matchAll(STYLED)) if (text !== undefined) cells += cellWidth(text);
  return cells;
}

/** The cells from `from` on, at most `width`, with the styles and links that hold there. */
function slice(row: string, from: number, width: number): { readonly text: string; readonly cells: number } {
  let text = "";
  let at = 0;
  let cells = 0;
  let styles = "";
  let styled = false;
  let full = false;
  /** The link that the row is in, and the one that was started in `text`; empty for none. */
  let link = "";
  let started = "";
  const withLink = (shown: string): string => {
    if (link === started) return shown;
    const change = (started === "" ? "" : LINK_END) + link;
    started = link;
    return change + shown;
  };
  for (const [, style, linkMark, chunk] of row.matchAll(STYLED)) {
    if (full) break;
    if (style !== undefined) {
      styles = style === RESET || style === "\u001B[m" ? "" : styles + style;
      if (cells > 0) {
        text += style;
        styled = true;
      }
      continue;
    }
    if (linkMark !== undefined) {
      link = linkMark === LINK_END ? "" : linkMark;
      continue;
    }
    if (chunk === undefined) continue;
    eachCell(chunk, (grapheme, size) => {
      if (cells + size > width) {
        full = true;
        return false;
      }
      if (at >= from) {
        if (cells === 0 && text === "" && styles !== "") {
          text = styles;
          styled = true;
        }
        text += withLink(grapheme);
        cells += size;
      } else if (at + size > from) {
        // Half of a wide character is left of the edge.
        const half = at + size - from;
        text += styles + withLink(" ".repeat(half));
        styled ||= styles !== "";
        cells += half;
      }
      at += size;
      return true;
    });
  }
  if (started !== "") text += LINK_END;
  return { text: styled ? text + RESET : text, cells };
}
