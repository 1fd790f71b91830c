import type { PatternAutomaton } from "./pattern-automaton.ts";
import type { SkipTable } from "./skip-table.ts";

/** What to look for, and what stands in its place. */
export interface RedactionTable {
  readonly automaton: PatternAutomaton;
  readonly skips: SkipTable;
  /** By the number of the pattern. */
  readonly markers: readonly Uint8Array[];
}

/** Bytes to hide: found patterns that overlap, as one. Places are in what is being read. */
interface Hidden {
  readonly start: number;
  readonly end: number;
  /** Number of the longest pattern at the start. */
  readonly pattern: number;
}

const NOTHING = new Uint8Array(0);

/** Hides patterns in the output of one stream, however it is cut into chunks. */
export class RedactedStream {
  readonly #table: RedactionTable;
  #state = 0;
  /** What has been read and not given out: what could begin a pattern. */
  #held = NOTHING;
  /** Found in what is held, apart from each other, in order. */
  #hidden: Hidden[] = [];

  constructor(table: RedactionTable) {
    this.#table = table;
  }

  /** @returns What is certain by now; perhaps a view of the chunk. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#held.length === 0 ? chunk : joined([this.#held, chunk]);
    const hiddenTo = this.#read(bytes, this.#held.length);
    return this.#give(bytes, hiddenTo, bytes.length - (this.#table.automaton.open[this.#state] ?? 0));
  }

  /** @returns What was held back. The stream may be used anew. */
  end(): Uint8Array {
    this.#state = 0;
    return this.#give(this.#held, 0, this.#held.length);
  }

  /** @returns To where bytes belong to a pattern whose marker has been given out. */
  #read(bytes: Uint8Array, from: number): number {
    const { automaton, skips } = this.#table;
    const { longest, pattern } = automaton;
    let hiddenTo = 0;
    let state = this.#state;
    let at = from;
    while (at < bytes.length) {
      if (state === 0) {
        at = skips.skip(bytes, at);
        if (at === bytes.length) break;
      }
      state = automaton.next(state, bytes[at++] ?? 0);
      const length = longest[state] ?? 0;
      if (length === 0) continue;
      if (at - length >= hiddenTo) this.#hide(at - length, at, pattern[state] ?? 0);
      else {
        // It holds everything found since then, too.
        this.#hidden = [];
        hiddenTo = at;
      }
    }
    this.#state = state;
    return hiddenTo;
  }

  /** Takes a pattern that ends later than all before it. */
  #hide(start: number, end: number, pattern: number): void {
    let last = this.#hidden.at(-1);
    while (last !== undefined && last.start >= start) {
      this.#hidden.pop();
      last = this.#hidden.at(-1);
    }
    if (last !== undefined && last.end > start) this.#hidden[this.#hidden.length - 1] = { ...last, end };
    else this.#hidden.push({ start, end, pattern });
  }

  /**
   * @param from - What is before it has been given out.
   * @param certain - No pattern that is yet to be found begins before it.
   */
  #give(bytes: Uint8Array, from: number, certain: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let at = from;
    let used = 0;
    for (const { start, end, pattern } of this.#hidden) {
      if (start >= certain) break;
      if (start > at) parts.push(bytes.subarray(at, start));
      parts.push(this.#table.markers[pattern] ?? NOTHING);
      at = end;
      used++;
    }
    if (at < certain) {
      parts.push(at === 0 && certain === bytes.length ? bytes : bytes.subarray(at, certain));
      at = certain;
    }
    this.#hidden = this.#hidden
      .slice(used)
      .map((found) => ({ ...found, start: found.start - at, end: found.end - at }));
    // A copy: the caller may write the next chunk into the same memory.
    this.#held = at === bytes.length ? NOTHING : new Uint8Array(bytes.subarray(at));
    return joined(parts);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only = NOTHING] = parts;
  return parts.length <= 1 ? only : Buffer.concat(parts);
}
