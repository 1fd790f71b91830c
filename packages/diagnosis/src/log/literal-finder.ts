/**
 * Tells which lines of a chunk hold a text, faster than by asking each: the
 * search goes over the whole chunk and stops only where the text is.
 */
export class LiteralFinder {
  readonly #literal: Buffer;
  #chunk: Buffer | undefined;
  /** Where the text stands next; `Infinity` when nowhere. */
  #next = 0;

  constructor(literal: string) {
    this.#literal = Buffer.from(literal);
  }

  /** Whether the text stands in a part of a chunk; to be asked in order. */
  isWithin(chunk: Buffer, start: number, end: number): boolean {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#next = -1;
    }
    if (this.#next < start) {
      const found = chunk.indexOf(this.#literal, start);
      this.#next = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#next + this.#literal.length <= end;
  }
}
