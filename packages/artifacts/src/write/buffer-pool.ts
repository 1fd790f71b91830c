import { ByteBuffer } from "../codec/byte-buffer.ts";

/** A buffer that a burst made larger than this is released to the system. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** More buffers than jobs write at one moment are not worth keeping. */
const MAX_KEPT_BUFFERS = 16;

/** Buffers for streams that have something pending, few and used again. */
export class BufferPool {
  readonly #free: ByteBuffer[] = [];

  /** An empty buffer. */
  take(): ByteBuffer {
    return this.#free.pop() ?? new ByteBuffer();
  }

  /** Gives a buffer back. Its contents are dropped. */
  release(buffer: ByteBuffer): void {
    buffer.length = 0;
    if (buffer.bytes.length <= MAX_KEPT_BYTES && this.#free.length < MAX_KEPT_BUFFERS)
      this.#free.push(buffer);
  }
}
