/** Longest beginning of the patterns that is looked at. Longer ones skip no faster: they hold more pairs. Unit: bytes. */
const MAX_WINDOW = 32;

/**
 * Skips what no pattern begins in, several bytes at a time: looks at two bytes where the shortest pattern would end,
 * and goes on to where they could be part of one (Wu and Manber).
 */
export class SkipTable {
  readonly #window: number;
  readonly #shifts: Uint8Array;

  /** @param patterns - At least one, and each of at least two bytes. */
  constructor(patterns: readonly Uint8Array[]) {
    this.#window = patterns.reduce((least, { length }) => Math.min(least, length), MAX_WINDOW);
    this.#shifts = new Uint8Array(65_536).fill(this.#window - 1);
    for (const bytes of patterns) {
      for (let at = 0; at + 1 < this.#window; at++) {
        const pair = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
        this.#shifts[pair] = Math.min(this.#shifts[pair] ?? 0, this.#window - 2 - at);
      }
    }
  }

  /** The first place from `from` on where a pattern may begin. */
  skip(bytes: Uint8Array, from: number): number {
    const shifts = this.#shifts;
    const most = this.#window - 1;
    const end = bytes.length - most;
    let at = from;
    while (at < end) {
      const shift = shifts[((bytes[at + most - 1] ?? 0) << 8) | (bytes[at + most] ?? 0)] ?? 0;
      // By far the most frequent, and apart: a processor that guesses it need not wait for the table.
      if (shift === most) at += most;
      else if (shift === 0) return at;
      else at += shift;
    }
    return Math.min(at, bytes.length);
  }
}
