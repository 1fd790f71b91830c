/** Numbers a chunk covers. 1 KiB of bits: small enough that scattered numbers cost little. */
const CHUNK_SIZE = 8192;

/**
 * How many chunks may be partly filled at a time.
 *
 * 65,536 KiB of bits, or 536 million interleaved records. A run in order needs
 * one; only numbers scattered on purpose need more.
 */
const MAX_PARTIAL_CHUNKS = 65_536;

/** Longest range taken at once: far more lines than a batch of output has, and still quick. */
export const MAX_RANGE: number = 2 ** 20;

/** Numbers that follow one another, both ends included. */
export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Which sequence numbers have occurred.
 *
 * Memory does not grow with the numbers: a chunk that is full becomes a mark,
 * and full chunks at the low end become one number.
 */
export class SeqSet {
  /** Chunks below this index are all full and not in the map. */
  #fullBelow = 0;
  readonly #chunks = new Map<number, Chunk>();
  #partial = 0;
  #overflowed = false;

  /** Whether the numbers were too scattered to keep; then nothing can be said about gaps. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /**
   * Adds a number.
   *
   * @param seq - A safe integer from 1.
   * @returns Whether it is new.
   */
  add(seq: number): boolean {
    return this.addRange(seq, 1) === undefined;
  }

  /**
   * Adds consecutive numbers.
   *
   * @param count - 1 to `MAX_RANGE`; the last number must be a safe integer.
   * @returns The first that was there before; `undefined` when all are new.
   */
  addRange(first: number, count: number): number | undefined {
    let repeated: number | undefined;
    const end = first + count;
    let next = first - 1;
    while (next < end - 1) {
      const index = Math.floor(next / CHUNK_SIZE);
      const from = next - index * CHUNK_SIZE;
      const to = Math.min(end - 1 - index * CHUNK_SIZE, CHUNK_SIZE);
      const bit = this.#addToChunk(index, from, to);
      if (bit !== undefined) repeated ??= index * CHUNK_SIZE + bit + 1;
      next = index * CHUNK_SIZE + to;
    }
    return repeated;
  }

  /** The ranges between 1 and the highest number that have not occurred, in order. */
  *gaps(): Generator<SeqRange> {
    let expected = this.#fullBelow * CHUNK_SIZE + 1;
    for (const index of [...this.#chunks.keys()].toSorted((a, b) => a - b)) {
      const words = this.#chunks.get(index)?.words;
      const base = index * CHUNK_SIZE + 1;
      for (let bit = 0; bit < CHUNK_SIZE; bit++) {
        if (words !== undefined && !isSet(words, bit)) continue;
        if (base + bit > expected) yield { first: expected, last: base + bit - 1 };
        if (words === undefined) {
          expected = base + CHUNK_SIZE;
          break;
        }
        expected = base + bit + 1;
      }
    }
  }

  #addToChunk(index: number, from: number, to: number): number | undefined {
    if (index < this.#fullBelow) return from;
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      if (to - from === CHUNK_SIZE) return this.#fill(index, { words: undefined, count: CHUNK_SIZE });
      if (this.#partial >= MAX_PARTIAL_CHUNKS) {
        this.#overflowed = true;
        return undefined;
      }
      chunk = { words: new Uint32Array(CHUNK_SIZE / 32), count: 0 };
      this.#chunks.set(index, chunk);
      this.#partial += 1;
    }
    if (chunk.words === undefined) return from;
    const { words } = chunk;
    let repeated: number | undefined;
    for (let bit = from; bit < to; bit++) {
      if (isSet(words, bit)) {
        repeated ??= bit;
        continue;
      }
      words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
      chunk.count += 1;
    }
    if (chunk.count === CHUNK_SIZE) {
      chunk.words = undefined;
      this.#partial -= 1;
      this.#fill(index, chunk);
    }
    return repeated;
  }

  #fill(index: number, chunk: Chunk): undefined {
    this.#chunks.set(index, chunk);
    while (this.#chunks.has(this.#fullBelow) && this.#chunks.get(this.#fullBelow)?.words === undefined) {
      this.#chunks.delete(this.#fullBelow);
      this.#fullBelow += 1;
    }
  }
}

interface Chunk {
  /** One bit a number; absent when all are set. */
  words: Uint32Array | undefined;
  count: number;
}

function isSet(words: Uint32Array, bit: number): boolean {
  return ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
}
