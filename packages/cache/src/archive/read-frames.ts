import { readSync } from "node:fs";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { DamagedArchive } from "./damaged-archive.ts";
import { FRAME_BYTES, FRAMES_AT_ONCE, PREFIX_BYTES, SKIPPABLE_MAGIC } from "./frame-format.ts";

const decompress = promisify(zstdDecompress);

/** A buffer for what a frame becomes: for a small one not a whole frame's, which would be most of what it costs. */
function optionsFor(frame: Buffer): { readonly chunkSize: number; readonly maxOutputLength: number } {
  const chunkSize = Math.min(FRAME_BYTES + 64, Math.max(LEAST_CHUNK_BYTES, frame.length * 16));
  return { chunkSize, maxOutputLength: FRAME_BYTES };
}

const LEAST_CHUNK_BYTES = 16 * 1024;

/**
 * Reads what `FrameWriter` wrote, frame by frame, decompressing in parallel.
 *
 * A frame is yielded only after its checksum has been verified.
 *
 * @param file - Open for reading, at its start. Not closed here.
 * @throws DamagedArchive when the bytes are not what was written.
 */
export async function* readFrames(file: number): AsyncGenerator<Buffer, void, undefined> {
  const pending: Promise<Buffer>[] = [];
  try {
    for (;;) {
      while (pending.length < FRAMES_AT_ONCE) {
        const frame = readFrame(file);
        if (frame === undefined) break;
        const content = decompress(frame, optionsFor(frame));
        content.catch(() => {});
        pending.push(content);
      }
      const first = pending.shift();
      if (first === undefined) return;
      yield await first.catch((error: unknown) => {
        throw new DamagedArchive(`a part of it cannot be decompressed (${reasonOf(error)})`);
      });
    }
  } finally {
    await Promise.allSettled(pending);
  }
}

/** Upper limit for a compressed frame: `ZSTD_compressBound`, rounded up. */
const MAX_FRAME_BYTES = FRAME_BYTES + FRAME_BYTES / 128 + 1024;

function readFrame(file: number): Buffer | undefined {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  const read = readFully(file, prefix);
  if (read === 0) return undefined;
  const length = prefix.readUInt32LE(8);
  const wellFormed =
    read === PREFIX_BYTES && prefix.readUInt32LE(0) === SKIPPABLE_MAGIC && prefix.readUInt32LE(4) === 4;
  if (!wellFormed || length > MAX_FRAME_BYTES) throw new DamagedArchive("a frame header in it is invalid");
  const frame = Buffer.allocUnsafe(length);
  if (readFully(file, frame) < length) throw new DamagedArchive("its end is missing");
  return frame;
}

function readFully(file: number, into: Buffer): number {
  let length = 0;
  while (length < into.length) {
    const read = readSync(file, into, length, into.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
