/**
 * A terminal to draw on; `process.stdout` of a terminal is one.
 *
 * A `write` that blocks when the terminal does not read blocks the run with it:
 * hand in one that does not, and call `done` when the text has left.
 */
export interface Terminal {
  /** Characters; absent or 0: not known. */
  readonly columns?: number;
  /** Characters; absent or 0: not known. */
  readonly rows?: number;
  /** Takes text in order. `done` is called when it has left, whether it arrived or not. */
  write(text: string, done?: () => void): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** The keys of a terminal; `process.stdin` of a terminal is one. */
export interface Keyboard {
  setRawMode(raw: boolean): unknown;
  on(event: "data", listener: (chunk: Uint8Array | string) => void): unknown;
  off(event: "data", listener: (chunk: Uint8Array | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** What there is room for. Unit: characters. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of a terminal, or 80×24, as terminals have been since the VT100, where it is not known. */
export function sizeOf(terminal: Terminal): ScreenSize {
  const { columns = 0, rows = 0 } = terminal;
  return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
}
