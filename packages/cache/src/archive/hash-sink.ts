import { createHash } from "node:crypto";
import type { ArchiveSink } from "./archive-sink.ts";
import { FRAME_BYTES } from "./frame-format.ts";

/** Hashes an archive, and hands it on if there is somebody to take it. */
export class HashSink implements ArchiveSink {
  readonly #onward: ArchiveSink;
  readonly #hash = createHash("sha256");

  /** @param onward - Default: nobody takes it. */
  constructor(onward: ArchiveSink = new Nowhere()) {
    this.#onward = onward;
  }

  get block(): Buffer {
    return this.#onward.block;
  }

  get length(): number {
    return this.#onward.length;
  }

  set length(length: number) {
    this.#onward.length = length;
  }

  async next(): Promise<void> {
    this.#hash.update(this.block.subarray(0, this.length));
    await this.#onward.next();
  }

  /** SHA-256 of everything, in hexadecimal. Once, before what takes it is ended. */
  digest(): string {
    return this.#hash.update(this.block.subarray(0, this.length)).digest("hex");
  }
}

class Nowhere implements ArchiveSink {
  readonly block: Buffer = Buffer.allocUnsafeSlow(FRAME_BYTES);
  length = 0;

  next(): Promise<void> {
    this.length = 0;
    return Promise.resolve();
  }
}
