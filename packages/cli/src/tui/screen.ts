import { sizeOf, type Terminal } from "./terminal/terminal.ts";

/**
 * The cell that spins. A frame holds this sign where something runs; what is
 * painted in its place changes without a new frame.
 */
export const SPINNER_CELL = "\uE000";

/** Alternate screen, no cursor, no wrapping: a row never becomes two. */
const ENTER = "\u001B[?1049h\u001B[?25l\u001B[?7l";

/** Undoes `ENTER` and whatever a frame cut short may have left: synchronized output and colours. */
const LEAVE = "\u001B[?2026l\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l";

const BEGIN_FRAME = "\u001B[?2026h";
const END_FRAME = "\u001B[?2026l";

/**
 * Puts frames on a terminal; the only writer to it between `enter` and `leave`.
 *
 * Only rows that differ are written. One write is under way at a time: a frame
 * that cannot go out is replaced by the next, never queued.
 */
export class Screen {
  readonly #terminal: Terminal;
  #wanted: readonly string[] = [];
  #spinner = "";
  /** What the terminal shows, row by row; `undefined` when that is not known. */
  #painted: readonly string[] | undefined;
  /** The frame was made for another size. */
  #outdated = false;
  #open = false;
  #writing = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  enter(): void {
    this.#open = true;
    this.#terminal.write(ENTER);
  }

  /**
   * Gives the terminal back as it was. Has no effect when it was given back before.
   *
   * @param done - Called when the terminal has it.
   */
  leave(done?: () => void): void {
    if (!this.#open) return;
    this.#open = false;
    this.#terminal.write(LEAVE, done);
  }

  /** Shows a frame. Rows beyond the screen are left out. */
  show(rows: readonly string[]): void {
    this.#wanted = rows;
    this.#outdated = false;
    this.#paint();
  }

  /** Turns the cells that spin. */
  spin(sign: string): void {
    this.#spinner = sign;
    this.#paint();
  }

  /** Has the next frame written as a whole, because the terminal no longer shows what was painted, and nothing before it. */
  forget(): void {
    this.#painted = undefined;
    this.#outdated = true;
  }

  #paint(): void {
    if (!this.#open || this.#writing || this.#outdated) return;
    const rows = this.#wanted
      .slice(0, sizeOf(this.#terminal).rows)
      .map((row) => row.replaceAll(SPINNER_CELL, this.#spinner));
    const changes = changedRows(this.#painted, rows);
    this.#painted = rows;
    if (changes === "") return;
    this.#writing = true;
    this.#terminal.write(BEGIN_FRAME + changes + END_FRAME, () => {
      this.#writing = false;
      this.#paint();
    });
  }
}

/** Erases a row before it writes it: erasing behind a full row would take its last column. */
function changedRows(before: readonly string[] | undefined, after: readonly string[]): string {
  let changes = before === undefined ? "\u001B[2J" : "";
  const height = Math.max(before?.length ?? 0, after.length);
  for (let row = 0; row < height; row += 1) {
    const text = after[row] ?? "";
    if (text === (before?.[row] ?? "")) continue;
    changes += `\u001B[${row + 1};1H\u001B[2K${text}`;
  }
  return changes;
}
