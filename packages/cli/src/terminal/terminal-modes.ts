/** Which optional modes of a terminal to use. */
export interface ModeOptions {
  /** Whether the mouse is reported; then the terminal's own selection needs Shift. Default false. */
  readonly mouse?: boolean;
  /** Whether the screen sets the title, so that the user's is saved and restored. Default true. */
  readonly title?: boolean;
}

/** Reports presses and the wheel, with coordinates of any size. */
export const MOUSE_ON = "\u001B[?1000h\u001B[?1006h";
/** Returns the mouse to the terminal's own selection. */
export const MOUSE_OFF = "\u001B[?1006l\u001B[?1000l";

/**
 * Enters the alternate screen: no cursor, no wrapping (a row never becomes two), bracketed paste, the wheel as arrow
 * keys, title saved.
 *
 * Source: xterm control sequences, "Private Modes" and "Window Operations".
 */
export function enterScreen(options: ModeOptions = {}): string {
  return (
    ((options.title ?? true) ? "\u001B[22;2t" : "") +
    "\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[?2004h\u001B[?1007h" +
    (options.mouse === true ? MOUSE_ON : "") +
    "\u001B[2J"
  );
}

/**
 * Undoes `enterScreen`, and resets what an interrupted frame may have left on: synchronized output, colours. Never
 * erases the scrollback.
 */
export function leaveScreen(options: ModeOptions = {}): string {
  return (
    "\u001B[?2026l\u001B[0m\u001B[?1007l\u001B[?2004l" +
    MOUSE_OFF +
    "\u001B[?7h\u001B[?25h\u001B[?1049l" +
    ((options.title ?? true) ? "\u001B[23;2t" : "")
  );
}
