/** The signs that are not letters. */
export interface Glyphs {
  readonly waiting: string;
  readonly queued: string;
  /** Running, without motion. */
  readonly running: string;
  /** Running, one after the other. */
  readonly spinner: readonly string[];
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
}

/** Signs of tui part 7.1, of neutral width in Unicode's East Asian Width table. */
export const UNICODE_GLYPHS: Glyphs = {
  waiting: "◌",
  queued: "▹",
  running: "▸",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
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
};

/** The same for terminals and locales without Unicode. */
export const ASCII_GLYPHS: Glyphs = {
  waiting: ".",
  queued: ":",
  running: ">",
  spinner: ["|", "/", "-", "\\"],
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
};
