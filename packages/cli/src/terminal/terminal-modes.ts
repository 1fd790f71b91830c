/** What a screen of ours asks of a terminal. */
export interface ModeOptions {
  /** Whether the mouse is reported; then the terminal's own selection needs Shift. Default false. */
  readonly mouse?: boolean;
  /** Whether the title is ours to set. Default true. */
  readonly title?: boolean;
}

/** Presses and the wheel, with coordinates of any size. */
export const MOUSE_ON = "\u001B[?1000h\u001B[?1006h";
/** The terminal's own selection again. */
export const MOUSE_OFF = "\u001B[?1006l\u001B[?1000l";

/**
 * Takes the screen: alternate screen, no cursor, no wrapping (a row never
 * becomes two), bracketed paste, the wheel as arrow keys, title put aside.
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
 * Gives everything back that `enterScreen` took, and what a frame that was cut
 * short may have left on: synchronized output, colours. Never erases the
 * scrollback.
 */
export function leaveScreen(options: ModeOptions = {}): string {
  return (
    "\u001B[?2026l\u001B[0m\u001B[?1007l\u001B[?2004l" +
    MOUSE_OFF +
    "\u001B[?7h\u001B[?25h\u001B[?1049l" +
    ((options.title ?? true) ? "\u001B[23;2t" : "")
  );
}
