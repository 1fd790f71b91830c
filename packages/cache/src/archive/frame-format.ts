/**
 * Tar bytes in one frame; the last frame of an archive may hold fewer.
 *
 * Frames are compressed in parallel, so longer frames cost memory: about six are in flight at once. Shorter
 * frames compress worse: a tree of 30,000 small files took 64, 61 and 58 MB with frames of 1, 2 and 4 MiB, and
 * 55 MB as a single frame.
 */
export const FRAME_BYTES: number = 2 * 1024 * 1024;

/**
 * Frames in flight at once.
 *
 * Source: three frames keep two cores busy; Node's pool of four threads could take one more, for 4 MiB of
 * memory and a gain of a few percent.
 */
export const FRAMES_AT_ONCE = 3;

/**
 * Bytes before each frame: a zstd skippable frame (RFC 8878, 3.1.2) with the length of the frame after it, as
 * `pzstd` writes it.
 */
export const PREFIX_BYTES = 12;

/** The first four bytes of the skippable frame, little-endian. */
export const SKIPPABLE_MAGIC = 0x184d2a50;
