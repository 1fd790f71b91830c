/** A terminal to draw on, such as `process.stdout` when it is a terminal. */
export interface Terminal {
  /** Its file descriptor. Default 1. */
  readonly fd?: number | undefined;
  /** Width in characters; absent or 0 if unknown, which counts as 80. */
  readonly columns?: number | undefined;
  /** Height in characters; absent or 0 if unknown, which counts as 24. */
  readonly rows?: number | undefined;
  /** Writes text, in order. For lines before and after the screen; frames go to a `FrameTarget`. */
  write(text: string): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** The keyboard of a terminal, such as `process.stdin` when it is a terminal. */
export interface Keyboard {
  setRawMode(raw: boolean): unknown;
  on(event: "data", listener: (chunk: Uint8Array | string) => void): unknown;
  off(event: "data", listener: (chunk: Uint8Array | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** The size of a screen. Unit: characters. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of a terminal. Default for what is unknown: 80×24, as of the VT100. */
export function sizeOf(terminal: Terminal): ScreenSize {
  const { columns = 0, rows = 0 } = terminal;
  return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
}
