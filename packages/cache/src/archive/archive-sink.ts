/**
 * Takes the bytes of an archive in order.
 *
 * A writer fills `block` from `length` on, moves `length`, and asks for a new
 * one with `next` when it needs more room. `block` and `length` change with it.
 */
export interface ArchiveSink {
  readonly block: Buffer;
  length: number;
  /** Takes what is in the block; waits while what takes the bytes is behind. */
  next(): Promise<void>;
}

/** Makes room for so many bytes in one piece; they must fit an empty block. */
export function needsNext(sink: ArchiveSink, bytes: number): boolean {
  return sink.block.length - sink.length < bytes;
}
