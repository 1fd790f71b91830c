/**
 * Takes the bytes of an archive in order.
 *
 * A writer fills `block` from `length`, advances `length`, and calls `next` for a new block when it needs more
 * room. `next` replaces `block` and resets `length`.
 */
export interface ArchiveSink {
  readonly block: Buffer;
  length: number;
  /** Consumes the block; applies backpressure while the consumer is behind. */
  next(): Promise<void>;
}

/** Whether the block lacks room for this many contiguous bytes; they must fit an empty block. */
export function needsNext(sink: ArchiveSink, bytes: number): boolean {
  return sink.block.length - sink.length < bytes;
}
