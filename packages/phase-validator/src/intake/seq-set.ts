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
 * Memory hardly grows with the numbers: of a chunk that is full only a mark is
 * left.
 */
export class SeqSet {
  /** By index; absent while none of its numbers has occurred. */
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
    let expected = 1;
    for (const { first, last } of this.#occurred()) {
      if (first > expected) yield { first: expected, last: first - 1 };
      expected = last + 1;
    }
  }

  /** What has occurred, in order: a chunk that is full at once, else number by number. */
  *#occurred(): Generator<SeqRange> {
    for (const [index, chunk] of [...this.#chunks].toSorted(([a], [b]) => a - b)) {
      const base = index * CHUNK_SIZE + 1;
      if (chunk === "full") {
        yield { first: base, last: base + CHUNK_SIZE - 1 };
        continue;
      }
      for (const [at, word] of chunk.words.entries()) {
        for (let bit = 0; bit < 32; bit++) {
          const seq = base + at * 32 + bit;
          if ((word & (1 << bit)) !== 0) yield { first: seq, last: seq };
        }
      }
    }
  }

  #addToChunk(index: number, from: number, to: number): number | undefined {
    let chunk = this.#chunks.get(index);
    if (chunk === "full") return from;
    if (chunk === undefined) {
      if (to - from === CHUNK_SIZE) {
        this.#chunks.set(index, "full");
        return undefined;
      }
      if (this.#partial >= MAX_PARTIAL_CHUNKS) {
        this.#overflowed = true;
        return undefined;
      }
      chunk = { words: new Uint32Array(CHUNK_SIZE / 32), count: 0 };
      this.#chunks.set(index, chunk);
      this.#partial += 1;
    }
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
      this.#chunks.set(index, "full");
      this.#partial -= 1;
    }
    return repeated;
  }
}

type Chunk = PartialChunk | "full";

interface PartialChunk {
  /** One bit a number. */
  readonly words: Uint32Array;
  /** How many of its numbers have occurred. */
  count: number;
}

function isSet(words: Uint32Array, bit: number): boolean {
  return ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
}
