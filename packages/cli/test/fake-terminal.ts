import type { Keyboard, Terminal } from "../src/terminal/terminal.ts";

/** A terminal that has a size, and collects the text written to it. */
export class FakeTerminal implements Terminal {
  columns: number;
  rows: number;
  /** The text written before and after the screen. */
  printed = "";
  readonly #listeners = new Set<() => void>();

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.printed += text;
    return true;
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
}

/** A keyboard whose keys the test presses. */
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
    // Like a stream of Node, a listener that is added meanwhile gets only the next chunk.
    for (const listener of Array.from(this.#listeners)) listener(new TextEncoder().encode(keys));
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}
