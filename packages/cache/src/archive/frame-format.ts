/**
 * Bytes of tar in one frame; the last one of an archive may hold less.
 *
 * Frames are compressed side by side, so a longer one costs memory: about six
 * are under way at once. A shorter one compresses worse: on a tree of 30,000
 * small files, frames of 1, 2 and 4 MiB gave 64, 61 and 58 MB, one single
 * frame 55 MB.
 */
export const FRAME_BYTES: number = 2 * 1024 * 1024;

/**
 * Frames under way at once.
 *
 * Source: with two cores three frames keep both busy; the four threads of
 * Node's pool would take one more, for 4 MiB of memory and a few percent.
 */
export const FRAMES_AT_ONCE = 3;

/**
 * Bytes before each frame: a skippable frame of the zstd format (RFC 8878,
 * 3.1.2) that holds the length of the frame after it, as `pzstd` writes it.
 */
export const PREFIX_BYTES = 12;

/** First four bytes of the skippable frame, little-endian. */
export const SKIPPABLE_MAGIC = 0x184d2a50;
