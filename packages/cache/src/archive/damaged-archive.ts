/**
 * The bytes of an archive are not what was written.
 *
 * Thrown inside of this package alone, from the depth of a stream; whoever
 * opened the archive turns it into an answer. The message ends a sentence.
 */
export class DamagedArchive extends Error {}
