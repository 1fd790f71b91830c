import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import { FRAME_BYTES, PREFIX_BYTES, SKIPPABLE_MAGIC } from "./frame-format.ts";

/** How one frame is compressed, and what precedes it. */
export interface FrameCodec {
  /** Compresses in another thread; calls run in parallel. */
  compress(bytes: Buffer): Promise<Buffer>;
  prefix(frame: Buffer): Buffer;
}

const toZstd = promisify(zstdCompress);
const toGzip = promisify(gzip);

/**
 * Lets a whole frame come out in one chunk: with Node's default of 16 KiB, each chunk would return to this
 * thread first.
 */
const ONE_PIECE = { chunkSize: FRAME_BYTES + FRAME_BYTES / 256 + 1024 };

/**
 * The default level of the `zstd` command, and a content checksum after each frame, which the library omits by
 * default.
 */
const ZSTD_OPTIONS = {
  ...ONE_PIECE,
  params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** zstd frames, each preceded by its length; any zstd reads them. */
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

/** Consecutive gzip members (RFC 1952, 2.2) without a time; any gunzip reads them. */
export const GZIP_MEMBERS: FrameCodec = {
  compress: (bytes) => toGzip(bytes, ONE_PIECE),
  prefix: () => NOTHING,
};
