import stringWidth from "string-width";

/** Text of which every UTF-16 unit is one cell. */
const PLAIN = /^[\u0020-\u007E]*$/;

/** One grapheme: what a person takes for one character. */
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Characters that every interface of this package draws, and that every terminal draws in one cell. */
const NARROW =
  /^[\u0020-\u007E\u00A1-\u02FF\u2010-\u203A\u2190-\u21FF\u2200-\u22FF\u2400-\u2421\u2500-\u259F\u25AA-\u25CC\u2713\u2717\u2800-\u28FF]*$/;

/** Whether every character of a text is one that every terminal draws in one cell. */
export function isNarrow(text: string): boolean {
  return NARROW.test(text);
}

/** How many cells text without control characters takes. */
export function cellWidth(text: string): number {
  return PLAIN.test(text) || NARROW.test(text) ? text.length : stringWidth(text);
}

/** Whether every UTF-16 unit of a text is ASCII and one cell. */
export function isPlainAscii(text: string): boolean {
  return PLAIN.test(text);
}

/** Calls back for each grapheme and its cells, in order, until it returns `false`. */
export function eachCell(text: string, visit: (grapheme: string, width: number) => boolean): void {
  if (NARROW.test(text)) {
    for (const character of text) if (!visit(character, 1)) return;
    return;
  }
  for (const { segment } of graphemes.segment(text)) if (!visit(segment, stringWidth(segment))) return;
}
