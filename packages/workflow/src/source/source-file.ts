/** The text of one workflow file and where its lines begin. */
export interface SourceFile {
  /** As the caller named it, or the path an `include` gave. */
  readonly path: string;
  readonly text: string;
  /** Main file 0, then the included ones in the order they were first read. */
  readonly order: number;
  /** Offsets of the first character of every line, ascending. A byte order mark belongs to none. */
  readonly lineStarts: readonly number[];
}

/** Some editors save it; none counts it as a column. */
const BYTE_ORDER_MARK = "\ufeff";

/** Prepares a text for being pointed into. */
export function sourceFile(path: string, text: string, order: number): SourceFile {
  const lineStarts = [text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { path, text, order, lineStarts };
}

/** The index of the line that an offset lies on, from 0. */
export function lineIndexAt(file: SourceFile, offset: number): number {
  let low = 0;
  let high = file.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((file.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
