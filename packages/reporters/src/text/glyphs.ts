/** The signs that are not letters. */
export interface Glyphs {
  readonly waiting: string;
  readonly queued: string;
  /** Running, without motion. */
  readonly running: string;
  /** Running, one after the other. */
  readonly spinner: readonly string[];
  /** Held after a step that failed. */
  readonly held: string;
  readonly success: string;
  readonly failed: string;
  readonly allowed: string;
  readonly blocked: string;
  readonly cancelled: string;
  readonly skipped: string;
  /** Between a job and its step. */
  readonly inside: string;
  /** Between a job's name and what it printed. */
  readonly gutter: string;
  readonly ellipsis: string;
  readonly rule: string;
  /** Before what is selected. */
  readonly pointer: string;
  readonly opened: string;
  readonly closed: string;
  /** Corners, in the order of reading: top left, top right, bottom left, bottom right. */
  readonly corners: readonly [string, string, string, string];
  /** The side of a box. */
  readonly side: string;
  /** Lines by where they lead: the sum of 1 up, 2 right, 4 down, 8 left. */
  readonly lines: readonly string[];
  /** Where lines meet that would look as if they crossed. */
  readonly joint: string;
  /** The end of an edge. */
  readonly arrow: string;
  readonly arrowBack: string;
  /** Parts of bars: done, failed, expected, will not be. */
  readonly bars: readonly [string, string, string, string];
  /** From nothing to full. */
  readonly levels: readonly string[];
}

/** Signs of docs/terminal.md#colours-and-signs, of neutral width in Unicode's East Asian Width table. */
export const UNICODE_GLYPHS: Glyphs = {
  waiting: "◌",
  queued: "▹",
  running: "▸",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
  held: "◫",
  success: "✓",
  failed: "✗",
  allowed: "!",
  blocked: "⊘",
  cancelled: "⊖",
  skipped: "↷",
  inside: "›",
  gutter: "│",
  ellipsis: "…",
  rule: "─",
  pointer: "▸",
  opened: "▾",
  closed: "▸",
  corners: ["┌", "┐", "└", "┘"],
  side: "│",
  lines: [" ", "╵", "╶", "└", "╷", "│", "┌", "├", "╴", "┘", "─", "┴", "┐", "┤", "┬", "┼"],
  joint: "•",
  arrow: "▶",
  arrowBack: "←",
  bars: ["█", "▓", "░", "┄"],
  levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

/** The same for terminals and locales without Unicode. */
export const ASCII_GLYPHS: Glyphs = {
  waiting: ".",
  queued: ":",
  running: ">",
  spinner: ["|", "/", "-", "\\"],
  held: "=",
  success: "+",
  failed: "x",
  allowed: "!",
  blocked: "-",
  cancelled: "o",
  skipped: "~",
  inside: ">",
  gutter: "|",
  ellipsis: "...",
  rule: "-",
  pointer: ">",
  opened: "v",
  closed: ">",
  corners: ["+", "+", "+", "+"],
  side: "|",
  lines: [" ", "|", "-", "+", "|", "|", "+", "+", "-", "+", "-", "+", "+", "+", "+", "+"],
  joint: "*",
  arrow: ">",
  arrowBack: "<-",
  bars: ["#", "x", ".", "-"],
  levels: [" ", ".", ".", ":", ":", "-", "=", "#", "#"],
};
