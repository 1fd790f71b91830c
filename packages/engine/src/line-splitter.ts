/**
 * Longest piece of a line that one record holds; longer lines are cut into partial pieces.
 *
 * Unit: bytes, its newline not counted. Source: docs/contract.md#events, 64 KiB.
 */
export const LINE_LIMIT_BYTES = 65_536;

/** Takes consecutive lines that were found. `ends` holds the end of each line in `bytes`, newlines not counted. */
export type LinesFound = (bytes: Uint8Array, ends: readonly number[], partial: boolean) => void;

const NEWLINE = 0x0a;

/**
 * Cuts the bytes of one output into lines, in order, without losing any.
 *
 * Bytes are inspected, never decoded: a line is what is between newlines.
 * A line above the limit comes in partial pieces, cut between UTF-8 characters.
 */
export class LineSplitter {
  readonly #found: LinesFound;
  /** The unfinished line, in the first `#held` bytes. Grows to the limit at most. */
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #held = 0;

  /** @param found - Called during `push`, `flush` and `end`; must not keep its arguments. */
  constructor(found: LinesFound) {
    this.#found = found;
  }

  /** How many bytes of an unfinished line are held. */
  get heldBytes(): number {
    return this.#held;
  }

  /** Takes the next chunk of the output. */
  push(chunk: Uint8Array): void {
    let start = 0;
    if (this.#held > 0) {
      const newline = chunk.indexOf(NEWLINE);
      this.#hold(newline === -1 ? chunk : chunk.subarray(0, newline));
      if (newline === -1) return;
      this.#giveHeld(false);
      start = newline + 1;
    }
    this.#pushLines(chunk, start);
  }

  /** Gives the unfinished line as a partial piece, if there is one. */
  flush(): void {
    const whole = wholeCharacters(this.#buffer, this.#held);
    if (whole === 0) return;
    const rest = this.#buffer.slice(whole, this.#held);
    this.#held = whole;
    this.#giveHeld(true);
    this.#hold(rest);
  }

  /** The output is complete: what is held was the last line, without a newline. */
  end(): void {
    if (this.#held > 0) this.#giveHeld(false);
  }

  #pushLines(chunk: Uint8Array, from: number): void {
    let start = from;
    let lineStart = from;
    let ends: number[] = [];
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, lineStart);
      if (newline === -1) break;
      if (newline - lineStart > LINE_LIMIT_BYTES) {
        if (ends.length > 0) this.#found(chunk.subarray(start, lineStart), ends, false);
        this.#hold(chunk.subarray(lineStart, newline));
        this.#giveHeld(false);
        start = newline + 1;
        ends = [];
      } else {
        ends.push(newline - start);
      }
      lineStart = newline + 1;
    }
    if (ends.length > 0) this.#found(chunk.subarray(start, lineStart), ends, false);
    this.#hold(chunk.subarray(lineStart));
  }

  /** Adds to the unfinished line, giving away full pieces of it. */
  #hold(bytes: Uint8Array): void {
    let from = 0;
    while (this.#held + bytes.length - from > LINE_LIMIT_BYTES) {
      const room = LINE_LIMIT_BYTES - this.#held;
      this.#append(bytes.subarray(from, from + room));
      from += room;
      const whole = wholeCharacters(this.#buffer, this.#held);
      const rest = this.#buffer.slice(whole, this.#held);
      this.#held = whole;
      this.#giveHeld(true);
      this.#append(rest);
    }
    this.#append(bytes.subarray(from));
  }

  #append(bytes: Uint8Array): void {
    const length = this.#held + bytes.length;
    // Stryker disable next-line ConditionalExpression, EqualityOperator: new memory that is not needed takes time only.
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(
        // Stryker disable next-line ArithmeticOperator, MethodExpression: there is room, more or less of it.
        Math.min(LINE_LIMIT_BYTES, Math.max(length, 2 * this.#buffer.length, 1024)),
      );
      grown.set(this.#buffer.subarray(0, this.#held));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#held);
    this.#held = length;
  }

  #giveHeld(partial: boolean): void {
    const length = this.#held;
    this.#held = 0;
    this.#found(this.#buffer.subarray(0, length), [length], partial);
  }
}

/** How many of the first `length` bytes make whole UTF-8 characters; invalid bytes count as characters. */
function wholeCharacters(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= 3; back += 1) {
    // Before the first byte is nothing that could be a part of a character.
    const byte = bytes[length - back] ?? 0;
    if (byte < 0x80) return length;
    if (byte > 0xbf) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return size > back ? length - back : length;
    }
  }
  return length;
}
