/**
 * The bytes of an archive are not what was written.
 *
 * Thrown only within this package, from deep in a stream; whoever opened the archive converts it to a result.
 * The message is the end of a sentence.
 */
export class DamagedArchive extends Error {}
