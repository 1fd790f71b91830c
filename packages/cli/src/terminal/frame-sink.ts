import { Writable } from "node:stream";
import type { ScreenSize } from "./terminal.ts";

/**
 * Stands in for the terminal that Ink writes to. With Ink's `debug` option every commit is one write of a whole
 * frame, which is passed on as rows.
 */
export class FrameSink extends Writable {
  readonly isTTY = false;
  columns: number;
  rows: number;
  readonly #onFrame: (rows: readonly string[]) => void;

  constructor(size: ScreenSize, onFrame: (rows: readonly string[]) => void) {
    super({ decodeStrings: false });
    this.columns = size.columns;
    this.rows = size.rows;
    this.#onFrame = onFrame;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.#onFrame(String(chunk).split("\n"));
    done();
  }
}
