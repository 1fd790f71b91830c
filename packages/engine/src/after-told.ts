import type { OutputStream } from "@loom/core";
import type { OutputSink } from "@loom/ports";

/** How much of the output of a step is recorded. */
export type ToldOutput = Readonly<Record<OutputStream, ToldStream>>;

/** How much of one of the two outputs of a step is recorded. */
export interface ToldStream {
  /** Lines to their end. */
  readonly lines: number;
  /** Bytes of the line after them. */
  readonly bytes: number;
}

const NEWLINE = 0x0a;

/** Hands on what of the output of a step is not recorded yet, when all of it comes once more. */
export class AfterTold implements OutputSink {
  readonly #onward: OutputSink;
  readonly #left: Record<OutputStream, { lines: number; bytes: number }>;

  constructor(onward: OutputSink, { stdout, stderr }: ToldOutput) {
    this.#onward = onward;
    this.#left = { stdout: { ...stdout }, stderr: { ...stderr } };
  }

  write(stream: OutputStream, chunk: Uint8Array): Promise<void> | undefined {
    const left = this.#left[stream];
    let from = 0;
    while (left.lines > 0) {
      const newline = chunk.indexOf(NEWLINE, from);
      if (newline === -1) return undefined;
      left.lines -= 1;
      from = newline + 1;
    }
    const skipped = Math.min(left.bytes, chunk.length - from);
    left.bytes -= skipped;
    const rest = chunk.subarray(from + skipped);
    return rest.length === 0 ? undefined : this.#onward.write(stream, rest);
  }
}
