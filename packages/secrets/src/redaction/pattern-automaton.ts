/**
 * Finds many byte strings at once: the automaton of Aho and Corasick.
 *
 * Edges are in one hash table, so that memory is linear in the patterns, about 40 bytes for each of theirs: a row of
 * 256 edges for each state would take megabytes for a private key in all its forms.
 */
export class PatternAutomaton {
  /** By state: how long the longest pattern is that ends there; 0 where none does. Unit: bytes. */
  readonly longest: Int32Array;
  /** By state: the number of that pattern. Of two that are equal the first. */
  readonly pattern: Int32Array;
  /** By state: how many of the last bytes could begin a longer pattern; 0 where they are one that none goes on from. */
  readonly open: Int32Array;
  readonly #first = new Int32Array(256);
  readonly #fallback: Int32Array;
  readonly #keys: Int32Array;
  readonly #targets: Int32Array;
  readonly #mask: number;

  /** @param patterns - None is empty; 8 million bytes at most in all of them. */
  constructor(patterns: readonly Uint8Array[]) {
    const most = 1 + patterns.reduce((sum, { length }) => sum + length, 0);
    const slots = 2 ** Math.ceil(Math.log2(most * 2));
    this.#mask = slots - 1;
    this.#keys = new Int32Array(slots);
    this.#targets = new Int32Array(slots);
    this.longest = new Int32Array(most);
    this.pattern = new Int32Array(most);
    this.open = new Int32Array(most);
    this.#fallback = new Int32Array(most);
    this.#connect(this.#grow(patterns, most));
  }

  /** The state after one more byte; 0 is the first of all, where nothing has begun. */
  next(state: number, byte: number): number {
    for (let from = state; from !== 0; from = this.#fallback[from] ?? 0) {
      const target = this.#targets[this.#slot((from << 8) | byte)] ?? 0;
      if (target !== 0) return target;
    }
    return this.#first[byte] ?? 0;
  }

  /** Adds the states; the patterns that end there are only their own until they are connected. */
  #grow(patterns: readonly Uint8Array[], most: number): Grown {
    const grown = {
      parents: new Int32Array(most),
      bytes: new Uint8Array(most),
      siblings: new Int32Array(most),
      levels: [] as number[],
    };
    let states = 1;
    for (const [number, bytes] of patterns.entries()) {
      let state = 0;
      for (let depth = 0; depth < bytes.length; depth++) {
        const byte = bytes[depth] ?? 0;
        this.open[state] = depth;
        const key = (state << 8) | byte;
        const slot = this.#slot(key);
        let target = this.#targets[slot] ?? 0;
        if (target === 0) {
          target = states++;
          this.#keys[slot] = key;
          this.#targets[slot] = target;
          if (state === 0) this.#first[byte] = target;
          grown.parents[target] = state;
          grown.bytes[target] = byte;
          grown.siblings[target] = grown.levels[depth] ?? 0;
          grown.levels[depth] = target;
        }
        state = target;
      }
      if (this.longest[state] !== 0) continue;
      this.longest[state] = bytes.length;
      this.pattern[state] = number;
    }
    return grown;
  }

  /** Level by level: a state falls back to one that is nearer to the first. */
  #connect({ parents, bytes, siblings, levels }: Grown): void {
    for (const last of levels) {
      for (let state = last; state !== 0; state = siblings[state] ?? 0) {
        const parent = parents[state] ?? 0;
        const back = parent === 0 ? 0 : this.next(this.#fallback[parent] ?? 0, bytes[state] ?? 0);
        this.#fallback[state] = back;
        if (this.longest[state] !== 0) continue;
        this.longest[state] = this.longest[back] ?? 0;
        this.pattern[state] = this.pattern[back] ?? 0;
      }
    }
  }

  /** Where an edge is, or would be. */
  #slot(key: number): number {
    let slot = (Math.imul(key, 0x9e37_79b1) >>> 7) & this.#mask;
    while (this.#targets[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & this.#mask;
    return slot;
  }
}

interface Grown {
  readonly parents: Int32Array;
  /** By which byte a state is reached. */
  readonly bytes: Uint8Array;
  /** The state before at the same distance from the first; 0 where there is none. */
  readonly siblings: Int32Array;
  /** The last state at each distance, from 1 on. */
  readonly levels: readonly number[];
}
