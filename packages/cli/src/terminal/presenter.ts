import { fitRow, isNarrow, isPlainAscii } from "@loom/reporters/view";
import type { FrameTarget } from "./frame-target.ts";
import type { ScreenSize } from "./terminal.ts";

/**
 * Stands for a spinner. A frame has this character where something runs, and the sign painted in its place changes
 * without a new frame.
 */
export const SPINNER_CELL = "\uE000";

/** An area of the screen that is painted over the frame, row by row, without Ink. */
export interface Hole {
  /** Column and row of its first cell, from 0. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Its rows, which give its height. Wider ones are cut. */
  readonly rows: readonly string[];
  /** The cell right of the hole, rewritten after text whose width a terminal may measure differently. */
  readonly edge?: string;
}

const BEGIN_FRAME = "\u001B[?2026h";
const END_FRAME = "\u001B[?2026l";

/** One row of the screen: the frame's text, and the parts of holes in it. Both have spinners as {@link SPINNER_CELL}. */
interface Row {
  readonly frame: string;
  readonly parts: readonly Part[];
}

/** A screen: its rows, and the sign of the spinners in them. */
interface Painted {
  readonly rows: readonly Row[];
  readonly spinner: string;
}

interface Part {
  readonly x: number;
  readonly width: number;
  readonly text: string;
  readonly edge: string;
}

/**
 * Puts frames on a terminal. While it is open, nothing else writes to the terminal.
 *
 * It writes only what differs: rows of the frame, holes within a row, and cells of spinners that turn. One write is in progress at a time. A frame
 * that has to wait is replaced by the next, never queued, and is compared with what was really sent.
 */
export class Presenter {
  readonly #target: FrameTarget;
  readonly #onGone: () => void;
  #size: ScreenSize;
  #frame: readonly string[] | undefined;
  #holes: readonly Hole[] = [];
  #spinner = " ";
  /** The rows of the frame with its holes; `undefined` if they have changed since they were made. */
  #rows: readonly Row[] | undefined;
  /** What the terminal shows; `undefined` if unknown. */
  #painted: Painted | undefined;
  /** Sequences to send before the next frame: titles, progress, the clipboard. */
  #extra = "";
  #open = false;
  #writing = false;
  /** Called when the write in progress is done. */
  #whenIdle: (() => void)[] = [];
  /** Sent again when the write in progress is done, which may have reached the terminal after it. */
  #last: string | undefined;

  /** @param onGone - Called once, when the terminal accepts no more output. */
  constructor(target: FrameTarget, size: ScreenSize, onGone: () => void = () => undefined) {
    this.#target = target;
    this.#size = size;
    this.#onGone = onGone;
  }

  /** Whether a write is in progress. Changes are sent after it. */
  get busy(): boolean {
    return this.#writing;
  }

  /** Starts to draw. @param sequence - Sent before the first frame. */
  open(sequence: string): void {
    this.#open = true;
    this.#painted = undefined;
    this.#last = undefined;
    this.#extra = sequence + this.#extra;
    this.paint();
  }

  /**
   * Resolves when no write is in progress. Anything written another way at once then comes after all frames so far; the next
   * frame waits for it.
   */
  async idle(): Promise<void> {
    if (this.#writing) await new Promise<void>((resolve) => void this.#whenIdle.push(resolve));
  }

  /**
   * Stops drawing. Does nothing if it is not open.
   *
   * @param sequence - Sent synchronously. If a write is in progress, which may overtake it, it is sent again
   *   after that write.
   */
  close(sequence: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#extra = "";
    this.#target.writeNow(sequence);
    if (this.#writing) this.#last = sequence;
  }

  /** Sends a sequence that changes no cells, with the next frame. */
  send(sequence: string): void {
    this.#extra += sequence;
    this.paint();
  }

  /** Shows a frame and its holes. Rows beyond the screen are left out. */
  show(frame: readonly string[], holes: readonly Hole[]): void {
    this.#frame = frame;
    this.fill(holes);
  }

  /** Replaces the holes, and keeps the frame. */
  fill(holes: readonly Hole[]): void {
    this.#holes = holes;
    this.#rows = undefined;
    this.paint();
  }

  /** Sets the sign of the spinners, now or with the next frame. */
  spin(sign: string, now: boolean): void {
    this.#spinner = sign;
    if (now) this.paint();
  }

  /** Sets a new size. Nothing is painted until there is a frame for it. */
  resize(size: ScreenSize): void {
    this.#size = size;
    this.#frame = undefined;
    this.#rows = undefined;
    this.#painted = undefined;
  }

  /** Writes everything again, because the terminal may show something else. */
  repaint(): void {
    this.#painted = undefined;
    this.paint();
  }

  /** Writes what differs; while a write is in progress, after it. */
  paint(): void {
    if (!this.#open || this.#writing) return;
    let text = "";
    if (this.#frame !== undefined) {
      this.#rows ??= composeRows(this.#frame, this.#holes, this.#size);
      const after = { rows: this.#rows, spinner: this.#spinner };
      text = changes(this.#painted, after);
      this.#painted = after;
    }
    if (text !== "") text = BEGIN_FRAME + text + END_FRAME;
    text = this.#extra + text;
    this.#extra = "";
    if (text === "") return;
    this.#writing = true;

    this.#target.write(text, (gone) => {
      this.#writing = false;
      const waiting = this.#whenIdle.splice(0);
      for (const resolve of waiting) resolve();
      if (this.#last !== undefined && !gone) this.#target.writeNow(this.#last);
      this.#last = undefined;
      if (gone) {
        this.#open = false;
        this.#onGone();
      } else if (waiting.length === 0) this.paint();
      // Who waited wants to write another way now, and a frame in progress could come after that.
      else setImmediate(() => this.paint());
    });
  }
}

function composeRows(frame: readonly string[], holes: readonly Hole[], size: ScreenSize): Row[] {
  const parts: Part[][] = [];
  for (const hole of holes) {
    const width = Math.min(hole.width, size.columns - hole.x);
    for (const [index, row] of hole.rows.entries()) {
      const y = hole.y + index;
      if (y >= size.rows || width <= 0) break;
      const text = fitRow(row, width);
      const edge = hole.x + width < size.columns && !isPlainAscii(text) ? (hole.edge ?? "") : "";
      (parts[y] ??= []).push({ x: hole.x, width, text, edge });
    }
  }
  const rows: Row[] = [];
  for (let y = 0; y < size.rows; y += 1) {
    rows.push({ frame: frame[y] ?? "", parts: parts[y] ?? NO_PARTS });
  }
  return rows;
}

const NO_PARTS: readonly Part[] = [];

/**
 * The text that turns one screen into another. It erases a row before it writes it: erasing after a full row would
 * remove its last column.
 */
function changes(before: Painted | undefined, { rows, spinner }: Painted): string {
  let text = before === undefined ? "\u001B[0m\u001B[2J" : "";
  const turns = before !== undefined && before.spinner !== spinner;
  for (const [y, row] of rows.entries()) {
    const old = before?.rows[y];
    const spun = turns ? spunCells(row, y, spinner) : "";
    if (
      old === undefined ||
      old.frame !== row.frame ||
      !sameShape(old.parts, row.parts) ||
      spun === undefined
    ) {
      if (old !== undefined || row.frame !== "")
        text += `\u001B[${y + 1};1H\u001B[2K${row.frame.replaceAll(SPINNER_CELL, spinner)}`;
      for (const part of row.parts) text += writePart(part, y, spinner);
      continue;
    }
    text += spun;
    const written: Part[] = [];
    for (const [index, part] of row.parts.entries()) {
      const isSpun = turns && part.text.includes(SPINNER_CELL);
      const isSame = !isSpun && part.text === old.parts[index]?.text;
      // One hole may cover another, which must not come out on top of it.
      if (isSame && !written.some((below) => overlap(below, part))) continue;
      written.push(part);
      text += writePart(part, y, spinner);
    }
  }
  return text;
}

// oxlint-disable-next-line no-control-regex -- styles are control sequences
const STYLE = /\u001B\[[\d;:]*m/g;
const RESET = "\u001B[0m";

/**
 * The text that turns the spinners of a row, and writes nothing else. `undefined` where terminals may disagree on the
 * column of one, because of what is before it: then the whole row has to be written.
 */
function spunCells({ frame, parts }: Row, y: number, spinner: string): string | undefined {
  let text = "";
  let x = 0;
  let styles = "";
  for (const before of frame.split(SPINNER_CELL).slice(0, -1)) {
    for (const [style] of before.matchAll(STYLE)) styles = style === RESET ? "" : styles + style;
    const shown = before.replaceAll(STYLE, "");
    if (!isNarrow(shown)) return undefined;
    x += shown.length;
    const isCovered = parts.some((part) => x >= part.x && x < part.x + part.width);
    if (!isCovered) text += `\u001B[${y + 1};${x + 1}H${styles}${spinner}${styles === "" ? "" : RESET}`;
    x += 1;
  }
  return text;
}

/** Whether holes cover the same cells: if one moved or disappeared, the frame has to fill the cells it leaves. */
function sameShape(before: readonly Part[], after: readonly Part[]): boolean {
  return (
    before.length === after.length &&
    after.every((part, index) => part.x === before[index]?.x && part.width === before[index].width)
  );
}

function overlap(a: Part, b: Part): boolean {
  return a.x < endOf(b) && b.x < endOf(a);
}

/** The column after the last one that a part writes. */
function endOf({ x, width, edge }: Part): number {
  return x + width + (edge === "" ? 0 : 1);
}

function writePart(part: Part, y: number, spinner: string): string {
  const shown = part.text.replaceAll(SPINNER_CELL, spinner);
  const place = `\u001B[${y + 1};${part.x + 1}H\u001B[${part.width}X${shown}`;
  return part.edge === "" ? place : `${place}\u001B[${y + 1};${part.x + part.width + 1}H${part.edge}`;
}
