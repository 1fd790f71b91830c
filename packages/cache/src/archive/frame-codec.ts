import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import { FRAME_BYTES, PREFIX_BYTES, SKIPPABLE_MAGIC } from "./frame-format.ts";

/** How one frame is compressed, and what stands before it. */
export interface FrameCodec {
  /** Compresses in another thread; several calls run side by side. */
  compress(bytes: Buffer): Promise<Buffer>;
  prefix(frame: Buffer): Buffer;
}

const toZstd = promisify(zstdCompress);
const toGzip = promisify(gzip);

/**
 * One piece of output for a whole frame: in Node's pieces of 16 KiB, each would come
 * back to this thread first.
 */
const ONE_PIECE = { chunkSize: FRAME_BYTES + FRAME_BYTES / 256 + 1024 };

/** Level of `zstd` itself, and a checksum of the content behind each frame, which it leaves out by default in a library. */
const ZSTD_OPTIONS = {
  ...ONE_PIECE,
  params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** Frames of zstd, each behind its length; any zstd reads them. */
export const ZSTD_FRAMES: FrameCodec = {
  compress: (bytes) => toZstd(bytes, ZSTD_OPTIONS),
  prefix: (frame) => {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32LE(SKIPPABLE_MAGIC, 0);
    prefix.writeUInt32LE(4, 4);
    prefix.writeUInt32LE(frame.length, 8);
    return prefix;
  },
};

const NOTHING = Buffer.alloc(0);

/** Members of gzip, one behind the other (RFC 1952, 2.2), without a time; any gunzip reads them. */
export const GZIP_MEMBERS: FrameCodec = {
  compress: (bytes) => toGzip(bytes, ONE_PIECE),
  prefix: () => NOTHING,
};
