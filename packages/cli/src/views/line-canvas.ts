/** Where a line leads from a cell, as bits. */
const UP = 1;
const RIGHT = 2;
const DOWN = 4;
const LEFT = 8;

/** A grid of lines and texts. */
export class LineCanvas {
  readonly width: number;
  readonly height: number;
  readonly #lines: Uint8Array;
  readonly #texts: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly text: string;
  }[] = [];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#lines = new Uint8Array(width * height);
  }

  /** Draws a line along a row. */
  across(y: number, from: number, to: number): void {
    const [left, right] = from < to ? [from, to] : [to, from];
    for (let x = left; x <= right; x += 1) this.#add(x, y, (x > left ? LEFT : 0) | (x < right ? RIGHT : 0));
  }

  /** Draws a line along a column. */
  along(x: number, from: number, to: number): void {
    const [top, bottom] = from < to ? [from, to] : [to, from];
    for (let y = top; y <= bottom; y += 1) this.#add(x, y, (y > top ? UP : 0) | (y < bottom ? DOWN : 0));
  }

  /** Puts a text over whatever is there. `width`: its cells. */
  put(x: number, y: number, given: { readonly text: string; readonly width: number }): void {
    this.#texts.push({ x, y, ...given });
  }

  /** The rows of a window; lines are drawn with these signs, by the sum of their directions. */
  rows(
    window: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
    signs: readonly string[],
    paint: (text: string) => string,
  ): string[] {
    const { left, top, width, height } = window;
    const rows: string[] = [];
    for (let y = top; y < Math.min(top + height, this.height); y += 1) {
      const texts = this.#texts
        .filter((text) => text.y === y && text.x >= left)
        .toSorted((a, b) => a.x - b.x);
      let row = "";
      let lines = "";
      let x = left;
      const end = Math.min(left + width, this.width);
      const flush = (): void => {
        row += lines.trim() === "" ? lines : paint(lines);
        lines = "";
      };
      for (const text of texts) {
        if (text.x < x) continue;
        for (; x < Math.min(text.x, end); x += 1) lines += signs[this.#lines[y * this.width + x] ?? 0] ?? " ";
        if (text.x + text.width > end) break;
        flush();
        row += text.text;
        x += text.width;
      }
      for (; x < end; x += 1) lines += signs[this.#lines[y * this.width + x] ?? 0] ?? " ";
      flush();
      rows.push(row);
    }
    return rows;
  }

  #add(x: number, y: number, directions: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = y * this.width + x;
    this.#lines[at] = (this.#lines[at] ?? 0) | directions;
  }
}
