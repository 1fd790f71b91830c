import { createHash } from "node:crypto";
import { writevSync } from "node:fs";
import type { ArchiveSink } from "./archive-sink.ts";
import { FRAME_BYTES, FRAMES_AT_ONCE } from "./frame-format.ts";
import type { FrameCodec } from "./frame-codec.ts";

/** What was written. */
export interface WrittenFrames {
  /** Of all bytes in the file, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Writes bytes as a sequence of frames, compressed in parallel.
 *
 * The caller opens and closes the file.
 */
export class FrameWriter implements ArchiveSink {
  block: Buffer = Buffer.allocUnsafeSlow(FRAME_BYTES);
  length = 0;
  readonly #file: number;
  readonly #codec: FrameCodec;
  readonly #hash = createHash("sha256");
  readonly #free: Buffer[] = [];
  readonly #pending: { readonly raw: Buffer; readonly compressed: Promise<Buffer> }[] = [];
  #bytes = 0;

  constructor(file: number, codec: FrameCodec) {
    this.#file = file;
    this.#codec = codec;
  }

  async next(): Promise<void> {
    const compressed = this.#codec.compress(this.block.subarray(0, this.length));
    // The first one to fail is reported where it is awaited.
    compressed.catch(() => {});
    this.#pending.push({ raw: this.block, compressed });
    if (this.#pending.length >= FRAMES_AT_ONCE) await this.#writeFirst();
    this.block = this.#free.pop() ?? Buffer.allocUnsafeSlow(FRAME_BYTES);
    this.length = 0;
  }

  /** Writes what is left. Nothing can be written afterwards. */
  async end(): Promise<WrittenFrames> {
    if (this.length > 0) await this.next();
    while (this.#pending.length > 0) await this.#writeFirst();
    return { sha256: this.#hash.digest("hex"), bytes: this.#bytes };
  }

  /** Waits until nothing is in flight, ignoring failures. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#pending.map((one) => one.compressed));
  }

  async #writeFirst(): Promise<void> {
    const first = this.#pending[0];
    if (first === undefined) return;
    const frame = await first.compressed;
    this.#pending.shift();
    this.#free.push(first.raw);
    const prefix = this.#codec.prefix(frame);
    this.#hash.update(prefix).update(frame);
    writeWhole(this.#file, [prefix, frame]);
    this.#bytes += prefix.length + frame.length;
  }
}

/** A full disk accepts part of the bytes first, and fails only on the rest. */
function writeWhole(file: number, pieces: Buffer[]): void {
  let left = pieces;
  while (left.length > 0) {
    let written = writevSync(file, left);
    left = left.flatMap((piece) => {
      const taken = Math.min(written, piece.length);
      written -= taken;
      return taken === piece.length ? [] : [piece.subarray(taken)];
    });
  }
}
