import { Yielder } from "./yielder.ts";
import { TarReader, type TarVisitor } from "./tar-reader.ts";

/** Bytes between two checks of the clock: a few hundred small files. */
const STRIDE_BYTES = 256 * 1024;

/**
 * Feeds an archive to a visitor, yielding to other work in between.
 *
 * @param signal - Aborting it ends reading early.
 * @returns Whether the archive was read to its end.
 * @throws DamagedArchive when the bytes are not an archive, or not all of one.
 */
export async function readTar(
  chunks: AsyncIterable<Buffer>,
  visitor: TarVisitor,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const reader = new TarReader(visitor);
  const yielder = new Yielder();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += STRIDE_BYTES) {
      if (signal?.aborted === true) return false;
      reader.push(chunk.subarray(at, at + STRIDE_BYTES));
      if (yielder.isDue) await yielder.yield();
    }
  }
  reader.end();
  return true;
}
