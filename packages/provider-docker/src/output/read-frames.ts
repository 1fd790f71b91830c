import type { OutputStream } from "@loom/core";

/** Length of what stands before each piece of output. Source: the Engine API, "Stream format" of attach. */
const HEADER_BYTES = 8;

/** Which output a piece is of, by the first byte of its header. */
const STREAMS: readonly (OutputStream | undefined)[] = [undefined, "stdout", "stderr"];

/** Takes one piece of output, and says when it is ready for the next. */
export type TakePiece = (stream: OutputStream, bytes: Uint8Array) => Promise<void> | undefined;

/**
 * Takes the two outputs of a process apart, as an engine sends them over one connection.
 *
 * Reads on when the piece before has been taken, so a slow taker slows the process down.
 *
 * @throws When the connection is lost.
 */
export async function readFrames(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  take: TakePiece,
): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  let inHeader = 0;
  let left = 0;
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const part = chunk.subarray(at, at + HEADER_BYTES - inHeader);
        header.set(part, inHeader);
        inHeader += part.length;
        at += part.length;
        if (inHeader < HEADER_BYTES) break;
        inHeader = 0;
        left = header.readUInt32BE(4);
        continue;
      }
      const piece = chunk.subarray(at, at + left);
      at += piece.length;
      left -= piece.length;
      await take(STREAMS[header[0] ?? 0] ?? "stdout", piece);
    }
  }
}
