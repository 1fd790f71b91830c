import { fitRow, isPlainAscii } from "@loom/reporters/view";
import type { FrameTarget } from "./frame-target.ts";
import type { ScreenSize } from "./terminal.ts";

/**
 * The cell that spins. A frame holds this sign where something runs; what is
 * painted in its place changes without a new frame.
 */
export const SPINNER_CELL = "\uE000";

/** A part of the screen that is painted over the frame, row by row, without Ink. */
export interface Hole {
  /** Column and row of its first cell, from 0. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** As many as it is high. Wider ones are cut. */
  readonly rows: readonly string[];
  /** The cell right of the hole: written again behind text whose width a terminal may see otherwise. */
  readonly edge?: string;
}

const BEGIN_FRAME = "\u001B[?2026h";
const END_FRAME = "\u001B[?2026l";

/** One row of the screen: the frame's, and what stands in its holes. */
interface Row {
  readonly frame: string;
  readonly parts: readonly Part[];
}

interface Part {
  readonly x: number;
  readonly width: number;
  readonly text: string;
  readonly edge: string;
}

/**
 * Puts frames on a terminal; the only writer to it while it is open.
 *
 * Only what differs is written: rows of the frame, and within a row the holes.
 * One write is under way at a time; a frame that cannot go out is replaced by
 * the next, never queued, and compared with what was really sent.
 */
export class Presenter {
  readonly #target: FrameTarget;
  readonly #onGone: () => void;
  #size: ScreenSize;
  #frame: readonly string[] | undefined;
  #holes: readonly Hole[] = [];
  #spinner = " ";
  /** What the terminal shows; `undefined` when that is not known. */
  #painted: readonly Row[] | undefined;
  /** To go out with the next frame: titles, progress, the clipboard. */
  #extra = "";
  #open = false;
  #writing = false;
  /** Called when the write under way has left. */
  #whenIdle: (() => void)[] = [];
  /** Written once more when the write under way has left: it may have come after it. */
  #last: string | undefined;
  #frames = 0;

  /** @param onGone - Called once, when the terminal takes no more. */
  constructor(target: FrameTarget, size: ScreenSize, onGone: () => void = () => undefined) {
    this.#target = target;
    this.#size = size;
    this.#onGone = onGone;
  }

  /** How many writes were made. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether a write is under way: what is shown now goes out after it. */
  get busy(): boolean {
    return this.#writing;
  }

  /** Takes the screen. @param sequence - Written before the first frame. */
  open(sequence: string): void {
    this.#open = true;
    this.#painted = undefined;
    this.#last = undefined;
    this.#extra = sequence + this.#extra;
    this.paint();
  }

  /** Resolves when no write is under way: what is written then in another way comes after all frames so far. */
  async idle(): Promise<void> {
    if (this.#writing) await new Promise<void>((resolve) => void this.#whenIdle.push(resolve));
  }

  /**
   * Gives the terminal back, now, and once more when a write is under way, which may overtake it. Has no effect when it
   * is not open.
   *
   * @param sequence - The last that is written.
   */
  close(sequence: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#extra = "";
    this.#target.writeNow(sequence);
    if (this.#writing) this.#last = sequence;
  }

  /** Sends something that no cell shows, with the next frame. */
  send(sequence: string): void {
    this.#extra += sequence;
    this.paint();
  }

  /** Takes a whole frame and its holes. Rows beyond the screen are left out. */
  show(frame: readonly string[], holes: readonly Hole[]): void {
    this.#frame = frame;
    this.#holes = holes;
    this.paint();
  }

  /** Takes new holes over the frame that is shown. */
  fill(holes: readonly Hole[]): void {
    this.#holes = holes;
    this.paint();
  }

  /** Turns the cells that spin, now or with the next frame. */
  spin(sign: string, now: boolean): void {
    this.#spinner = sign;
    if (now) this.paint();
  }

  /** The screen has another size: nothing is painted until a frame made for it comes. */
  resize(size: ScreenSize): void {
    this.#size = size;
    this.#frame = undefined;
    this.#painted = undefined;
  }

  /** Has everything written again, because the terminal may show something else. */
  repaint(): void {
    this.#painted = undefined;
    this.paint();
  }

  /** Writes what differs, unless a write is under way: then after it. */
  paint(): void {
    if (!this.#open || this.#writing) return;
    let text = "";
    if (this.#frame !== undefined) {
      const rows = composeRows(this.#frame, this.#holes, this.#size, this.#spinner);
      text = changes(this.#painted, rows);
      this.#painted = rows;
    }
    if (text !== "") text = BEGIN_FRAME + text + END_FRAME;
    text = this.#extra + text;
    this.#extra = "";
    if (text === "") return;
    this.#writing = true;
    this.#frames += 1;
    this.#target.write(text, (gone) => {
      this.#writing = false;
      for (const resolve of this.#whenIdle.splice(0)) resolve();
      if (this.#last !== undefined && !gone) this.#target.writeNow(this.#last);
      this.#last = undefined;
      if (gone) {
        this.#open = false;
        this.#onGone();
      } else this.paint();
    });
  }
}

function composeRows(
  frame: readonly string[],
  holes: readonly Hole[],
  size: ScreenSize,
  spinner: string,
): Row[] {
  const parts: Part[][] = [];
  for (const hole of holes) {
    const width = Math.min(hole.width, size.columns - hole.x);
    for (const [index, row] of hole.rows.entries()) {
      const y = hole.y + index;
      if (y >= size.rows || width <= 0) break;
      const text = fitRow(row, width);
      const edge = hole.x + width < size.columns && !isPlainAscii(text) ? (hole.edge ?? "") : "";
      (parts[y] ??= []).push({ x: hole.x, width, text: text.replaceAll(SPINNER_CELL, spinner), edge });
    }
  }
  const rows: Row[] = [];
  for (let y = 0; y < size.rows; y += 1) {
    const text = frame[y] ?? "";
    rows.push({ frame: text.replaceAll(SPINNER_CELL, spinner), parts: parts[y] ?? NO_PARTS });
  }
  return rows;
}

const NO_PARTS: readonly Part[] = [];

/** Erases before it writes: erasing behind a full row would take its last column. */
function changes(before: readonly Row[] | undefined, after: readonly Row[]): string {
  let text = before === undefined ? "\u001B[0m\u001B[2J" : "";
  for (const [y, row] of after.entries()) {
    const old = before?.[y];
    if (old === undefined || old.frame !== row.frame || !sameShape(old.parts, row.parts)) {
      if (old !== undefined || row.frame !== "") text += `\u001B[${y + 1};1H\u001B[2K${row.frame}`;
      for (const part of row.parts) text += writePart(part, y);
      continue;
    }
    for (const [index, part] of row.parts.entries()) {
      if (part.text !== old.parts[index]?.text) text += writePart(part, y);
    }
  }
  return text;
}

/** A hole that moved or went leaves cells behind that only the frame can fill. */
function sameShape(before: readonly Part[], after: readonly Part[]): boolean {
  return (
    before.length === after.length &&
    after.every((part, index) => part.x === before[index]?.x && part.width === before[index].width)
  );
}

function writePart(part: Part, y: number): string {
  const place = `\u001B[${y + 1};${part.x + 1}H\u001B[${part.width}X${part.text}`;
  return part.edge === "" ? place : `${place}\u001B[${y + 1};${part.x + part.width + 1}H${part.edge}`;
}
