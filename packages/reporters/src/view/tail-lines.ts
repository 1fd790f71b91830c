import type { OutputStream } from "@loom/core";
import type { LineBatch } from "@loom/ports";

/**
 * How many lines of a failing step are shown.
 *
 * Source: docs/terminal.md#what-a-failure-prints.
 */
export const TAIL_LINE_COUNT = 20;

/**
 * How much of one line is kept: of one that overwrote itself, of its last state.
 *
 * Unit: bytes. A line is shown up to 200 characters of at most 4 bytes; the
 * rest is room for colours.
 */
const LINE_BYTES = 2048;

/**
 * Keeps the last lines of one process at a cost per batch that does not grow
 * with the batch: only the last lines are looked at, copied once, and decoded
 * when they are asked for.
 */
export class TailLines {
  readonly #count: number;
  /** Oldest first. */
  #lines: KeptLine[] = [];
  /** The lines that go on in a later batch. */
  readonly #open = new Map<OutputStream, KeptLine>();

  /** @param count - Lines to keep, 1 or more. */
  constructor(count: number = TAIL_LINE_COUNT) {
    this.#count = count;
  }

  /** Takes the lines of a batch; keeps nothing that belongs to the giver. */
  push(batch: LineBatch): void {
    const { bytes, ends, stream, partial } = batch;
    const first = Math.max(0, ends.length - this.#count);
    let open = this.#open.get(stream);
    this.#open.delete(stream);
    // The end of the open line is among those that are too old.
    if (first > 0) open = undefined;
    for (let line = first; line < ends.length; line += 1) {
      const start = line === 0 ? 0 : (ends[line - 1] ?? 0) + 1;
      const piece = bytes.subarray(start, ends[line]);
      if (open === undefined) this.#lines.push((open = { bytes: visiblePart(piece) }));
      else open.bytes = visiblePart(joined(open.bytes, piece));
      if (partial && line === ends.length - 1) this.#open.set(stream, open);
      open = undefined;
    }
    if (this.#lines.length > this.#count) this.#lines = this.#lines.slice(-this.#count);
  }

  /** The last lines, oldest first. Pieces of a line are one line; a line not yet ended counts. */
  lines(): string[] {
    const decoder = new TextDecoder();
    return this.#lines.map(({ bytes }) => decoder.decode(bytes));
  }
}

interface KeptLine {
  bytes: Uint8Array;
}

const RETURN = 0x0d;

/** A copy of what can be seen of a line: its last state, up to `LINE_BYTES`. */
function visiblePart(line: Uint8Array): Uint8Array {
  let end = line.length;
  while (end > 0 && line[end - 1] === RETURN) end -= 1;
  const start = end === 0 ? 0 : line.lastIndexOf(RETURN, end - 1) + 1;
  // Returns at the end stay: the next piece overwrites what stands before them.
  const kept = line.subarray(start, Math.min(end, start + LINE_BYTES));
  return end === line.length ? new Uint8Array(kept) : joined(kept, line.subarray(end, end + 1));
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
