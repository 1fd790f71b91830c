import type { LineBatch } from "@loom/ports";
import { decodeLines } from "./decode-lines.ts";

/**
 * How many lines of a failing step are shown.
 *
 * Source: spec 4, "failures with their last 20 lines inline".
 */
export const TAIL_LINE_COUNT = 20;

/**
 * How much of one line is kept.
 *
 * Unit: bytes. A line is shown up to 200 characters of at most 4 bytes; the
 * rest is room for colours.
 */
const LINE_BYTES = 2048;

/**
 * Keeps the last lines of one process at a cost per batch that does not grow
 * with the batch: only the last line ends are looked at, the bytes are copied
 * once and decoded only when asked for.
 */
export class TailLines {
  readonly #count: number;
  /** Oldest first. */
  #batches: LineBatch[] = [];
  #held = 0;

  /** @param count - Lines to keep, 1 or more. */
  constructor(count: number = TAIL_LINE_COUNT) {
    this.#count = count;
  }

  /** Takes the lines of a batch; keeps nothing that belongs to the giver. */
  push(batch: LineBatch): void {
    const tail = copyOfTail(batch, this.#count);
    this.#batches.push(tail);
    this.#held += tail.ends.length;
    let dropped = 0;
    for (const oldest of this.#batches) {
      if (this.#held - oldest.ends.length < this.#count) break;
      this.#held -= oldest.ends.length;
      dropped += 1;
    }
    if (dropped > 0) this.#batches = this.#batches.slice(dropped);
  }

  /** The last lines, oldest first. Pieces of a cut line are one line again; a line not yet ended counts. */
  lines(): string[] {
    const lines: string[] = [];
    const open = new Map<string, number>();
    for (const batch of this.#batches) {
      decodeLines(batch).forEach((text, index) => {
        const continued = index === 0 ? open.get(batch.stream) : undefined;
        if (continued === undefined) lines.push(text);
        else lines[continued] += text;
        if (index === 0) open.delete(batch.stream);
        if (batch.partial) open.set(batch.stream, continued ?? lines.length - 1);
      });
    }
    return lines.slice(-this.#count);
  }
}

function copyOfTail(batch: LineBatch, count: number): LineBatch {
  const first = Math.max(0, batch.ends.length - count);
  const start = startOf(batch, first);
  const end = batch.ends.at(-1) ?? start;
  if (end - start <= LINE_BYTES * count) {
    const ends = batch.ends.slice(first).map((lineEnd) => lineEnd - start);
    // Not `slice`: that of a Node Buffer shares its memory with the giver.
    return { ...batch, bytes: new Uint8Array(batch.bytes.subarray(start, end)), ends };
  }
  const bytes = new Uint8Array((LINE_BYTES + 1) * (batch.ends.length - first));
  const ends: number[] = [];
  let at = 0;
  for (let line = first; line < batch.ends.length; line += 1) {
    const from = startOf(batch, line);
    const kept = batch.bytes.subarray(from, Math.min(batch.ends[line] ?? from, from + LINE_BYTES));
    bytes.set(kept, at);
    ends.push(at + kept.length);
    at += kept.length + 1;
  }
  return { ...batch, bytes: bytes.slice(0, at), ends };
}

function startOf(batch: LineBatch, line: number): number {
  return line === 0 ? 0 : (batch.ends[line - 1] ?? 0) + 1;
}
