import type { Keyboard, Terminal } from "../src/tui/terminal/terminal.ts";

// oxlint-disable-next-line no-control-regex -- these are the sequences of a terminal
const SEQUENCE = /\u001B\[([?\d;]*)([A-Za-z])|[^\u001B]+|\u001B/g;

/** A terminal that knows the few sequences that the screen writes, and refuses any other. */
export class FakeTerminal implements Terminal {
  columns: number;
  rows: number;
  /** What the screen shows, as a person sees it. */
  grid: string[] = [];
  /** What is left in the scrollback. */
  scrollback = "";
  readonly modes = new Map([
    ["1049", false],
    ["25", true],
    ["7", true],
    ["2026", false],
  ]);
  writes = 0;
  /** While true, text is taken but never leaves. */
  stalled = false;
  #held: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string, done?: () => void): boolean {
    this.writes += 1;
    this.#show(text);
    if (done !== undefined) {
      if (this.stalled) this.#held.push(done);
      else queueMicrotask(done);
    }
    return true;
  }

  /** Lets go what was held back. */
  release(): void {
    this.stalled = false;
    for (const done of this.#held.splice(0)) done();
  }

  on(_event: "resize", listener: () => void): void {
    this.#listeners.add(listener);
  }

  off(_event: "resize", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const listener of this.#listeners) listener();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** The screen as text, trailing blanks left out. */
  get text(): string {
    return this.grid.map((row) => row.trimEnd()).join("\n");
  }

  #show(text: string): void {
    let row = 0;
    for (const [token, parameters = "", final] of text.matchAll(SEQUENCE)) {
      if (final === undefined) this.#put(token, row);
      else if (final === "h" || final === "l") this.#setMode(parameters, final === "h");
      else if (final === "H") row = Number(parameters.split(";")[0]) - 1;
      else if (final === "K" && parameters === "2") this.grid[row] = "";
      else if (final === "J" && parameters === "2") this.grid = [];
      else if (final !== "m") throw new Error(`The screen wrote ${JSON.stringify(token)}`);
    }
  }

  #setMode(parameters: string, on: boolean): void {
    const mode = parameters.slice(1);
    if (!this.modes.has(mode)) throw new Error(`The screen set mode ${mode}`);
    this.modes.set(mode, on);
  }

  #put(text: string, row: number): void {
    if (this.modes.get("1049") === false) {
      this.scrollback += text;
      return;
    }
    if (row >= this.rows || text.includes("\n")) throw new Error(`Row ${row} holds ${JSON.stringify(text)}`);
    while (this.grid.length <= row) this.grid.push("");
    this.grid[row] += text;
    if ((this.grid[row] ?? "").length > this.columns)
      throw new Error(`Too wide: ${JSON.stringify(this.grid[row])}`);
  }
}

/** Keys pressed by the test. */
export class FakeKeyboard implements Keyboard {
  raw = false;
  flowing = false;
  readonly #listeners = new Set<(chunk: Uint8Array | string) => void>();

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }

  on(_event: "data", listener: (chunk: Uint8Array | string) => void): void {
    this.#listeners.add(listener);
  }

  off(_event: "data", listener: (chunk: Uint8Array | string) => void): void {
    this.#listeners.delete(listener);
  }

  resume(): void {
    this.flowing = true;
  }

  pause(): void {
    this.flowing = false;
  }

  press(keys: string): void {
    for (const listener of this.#listeners) listener(new TextEncoder().encode(keys));
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}
