import { ByteBuffer } from "@loom/artifacts";

/** Output that waits in memory before its maker is asked to wait. Unit: bytes. */
const BLOCK_BYTES = 64 * 1024;

/** Prints much text, some of it as bytes, no faster than it is read. */
export interface BytesPrinter {
  /** What waits to be printed: text is added here. */
  readonly waiting: ByteBuffer;
  /** Whether so much waits that it is time to flush. */
  readonly isFull: boolean;
  /** Hands over what is in memory. */
  flush(): Promise<void>;
  /** Whether nobody reads any more: what is printed goes nowhere. */
  readonly closed: boolean;
}

/**
 * Prints to a stream in large pieces.
 *
 * @param guard - What each piece passes through. Default: it is printed as it is.
 */
export function createBytesPrinter(
  stream: NodeJS.WriteStream,
  guard?: (text: string) => string,
): BytesPrinter {
  const waiting = new ByteBuffer();
  const isClosed = (): boolean => stream.errored !== null || stream.destroyed;
  return {
    waiting,
    get isFull() {
      return waiting.length >= BLOCK_BYTES;
    },
    flush: async () => {
      const bytes = waiting.bytes.subarray(0, waiting.length);
      waiting.length = 0;
      if (bytes.length === 0 || isClosed()) return;
      const piece = guard === undefined ? bytes : guard(bytes.toString("utf8"));
      await new Promise<void>((resolve) => {
        // Called once the bytes are with the operating system, or can never be; their memory is used again then.
        stream.write(piece, () => resolve());
      });
    },
    get closed() {
      return isClosed();
    },
  };
}
