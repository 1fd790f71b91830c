/** The directions in which lines leave a cell, as bits. */
const UP = 1;
const RIGHT = 2;
const DOWN = 4;
const LEFT = 8;

/** All four directions: two lines that cross, or that meet. */
const CROSS = 15;

/** How a line is drawn. */
export interface LineStyle {
  /** Whether it is highlighted. */
  readonly lit: boolean;
}

/** The characters to draw lines with. */
export interface LineSigns {
  /** Indexed by the sum of the directions: 1 up, 2 right, 4 down, 8 left. */
  readonly lines: readonly string[];
  /** For lines in all four directions that meet rather than cross: a dot, as in a circuit diagram. */
  readonly joint: string;
  readonly paint: (text: string, lit: boolean) => string;
}

/** A grid of lines and texts. */
export class LineCanvas {
  readonly width: number;
  readonly height: number;
  readonly #lines: Uint8Array;
  readonly #lit: Uint8Array;
  readonly #joints: Uint8Array;
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
    this.#lit = new Uint8Array(width * height);
    this.#joints = new Uint8Array(width * height);
  }

  /** Draws a horizontal line, including both ends. */
  across(y: number, [from, to]: readonly [from: number, to: number], style: LineStyle): void {
    const [left, right] = from < to ? [from, to] : [to, from];
    for (let x = left; x <= right; x += 1)
      this.#add({ x, y }, (x > left ? LEFT : 0) | (x < right ? RIGHT : 0), style);
  }

  /** Draws a vertical line, including both ends. */
  along(x: number, [from, to]: readonly [from: number, to: number], style: LineStyle): void {
    const [top, bottom] = from < to ? [from, to] : [to, from];
    for (let y = top; y <= bottom; y += 1)
      this.#add({ x, y }, (y > top ? UP : 0) | (y < bottom ? DOWN : 0), style);
  }

  /** Marks a cell in which lines meet. Without a mark they only cross. */
  join(x: number, y: number): void {
    if (this.#holds(x, y)) this.#joints[y * this.width + x] = 1;
  }

  /** Puts a text over the lines. `width`: its cells. */
  put(x: number, y: number, given: { readonly text: string; readonly width: number }): void {
    this.#texts.push({ x, y, ...given });
  }

  /** The rows of a part of the canvas, as painted text. */
  rows(
    window: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
    signs: LineSigns,
  ): string[] {
    const { left, top, width, height } = window;
    const rows: string[] = [];
    for (let y = top; y < Math.min(top + height, this.height); y += 1) {
      const texts = this.#texts
        .filter((text) => text.y === y && text.x >= left)
        .toSorted((a, b) => a.x - b.x);
      let row = "";
      let lines = "";
      let isLit = false;
      let x = left;
      const end = Math.min(left + width, this.width);
      const flush = (): void => {
        row += lines.trim() === "" ? lines : signs.paint(lines, isLit);
        lines = "";
      };
      const linesTo = (until: number): void => {
        for (; x < until; x += 1) {
          const at = y * this.width + x;
          if ((this.#lit[at] === 1) !== isLit) {
            flush();
            isLit = !isLit;
          }
          const directions = this.#lines[at] ?? 0;
          lines +=
            directions === CROSS && this.#joints[at] === 1 ? signs.joint : (signs.lines[directions] ?? " ");
        }
      };
      for (const text of texts) {
        if (text.x < x) continue;
        linesTo(Math.min(text.x, end));
        if (text.x + text.width > end) break;
        flush();
        row += text.text;
        x += text.width;
      }
      linesTo(end);
      flush();
      rows.push(row);
    }
    return rows;
  }

  #add({ x, y }: { readonly x: number; readonly y: number }, directions: number, { lit }: LineStyle): void {
    if (!this.#holds(x, y)) return;
    const at = y * this.width + x;
    this.#lines[at] = (this.#lines[at] ?? 0) | directions;
    if (lit) this.#lit[at] = 1;
  }

  #holds(x: number, y: number): boolean {
    return x >= 0 && y >= 0 && x < this.width && y < this.height;
  }
}
