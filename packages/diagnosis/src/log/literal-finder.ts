/**
 * Tells which plain lines of a chunk hold a text, faster than by asking each:
 * the search goes over the whole chunk and stops only where the text is.
 */
export class LiteralFinder {
  readonly #length: number;
  readonly #search: (chunk: Buffer) => (from: number) => number;
  #chunk: Buffer | undefined;
  #find: (from: number) => number = () => -1;
  /** Where the text stands next; `Infinity` when nowhere. */
  #next = 0;

  /** @param ignoresCase - Capital and small letters of ASCII, of which plain lines are, are the same. Default: no. */
  constructor(literal: string, ignoresCase = false) {
    const bytes = Buffer.from(literal);
    this.#length = bytes.length;
    this.#search = ignoresCase
      ? searchIgnoringCase(literal)
      : (chunk) => (from) => chunk.indexOf(bytes, from);
  }

  /** Whether the text stands in a part of a chunk; to be asked in order. */
  isWithin(chunk: Buffer, start: number, end: number): boolean {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#find = this.#search(chunk);
      this.#next = -1;
    }
    if (this.#next < start) {
      const found = this.#find(start);
      this.#next = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#next + this.#length <= end;
  }
}

function searchIgnoringCase(literal: string): (chunk: Buffer) => (from: number) => number {
  const escaped = literal.replaceAll(/[^\w ]/g, (character) => `\\${character}`);
  const pattern = new RegExp(escaped, "gi");
  return (chunk) => {
    const text = chunk.toString("latin1");
    return (from) => {
      pattern.lastIndex = from;
      return pattern.exec(text)?.index ?? -1;
    };
  };
}
