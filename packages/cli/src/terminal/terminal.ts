/** A terminal to draw on; `process.stdout` of a terminal is one. */
export interface Terminal {
  /** Its descriptor. Default 1. */
  readonly fd?: number | undefined;
  /** Characters; absent or 0: not known. */
  readonly columns?: number | undefined;
  /** Characters; absent or 0: not known. */
  readonly rows?: number | undefined;
  /** Takes text in order. For lines before and after a screen; frames go another way. */
  write(text: string): unknown;
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
