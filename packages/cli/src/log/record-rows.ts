import type { OutputStream } from "@loom/core";

/**
 * Maps records of a stream to rows of its log. The pieces of a line that was printed in pieces share one row, that
 * of the first piece, however far apart they are.
 *
 * Memory grows only with the pieces after the first of their line.
 */
export class RecordRows {
  /** Records without a row of their own, in ascending order. */
  readonly #hidden: number[] = [];
  /** From the first record of a line to the others. */
  readonly #pieces = new Map<number, number[]>();
  /** From the last record of a line in pieces to the first. */
  readonly #heads = new Map<number, number>();
  /** The first record of each line that is not complete yet. */
  readonly #open = new Map<OutputStream, number>();

  /**
   * Adds the next record.
   *
   * @param number - Of the record, from 0 and without gaps.
   */
  take(number: number, record: Buffer): void {
    const goesOn = isPartial(record);
    if (!goesOn && this.#open.size === 0) return;
    const stream = outputOf(record);
    if (stream === undefined) return;
    const head = this.#open.get(stream);
    if (head === undefined) {
      if (goesOn) this.#open.set(stream, number);
      return;
    }
    this.#hidden.push(number);
    const pieces = this.#pieces.get(head);
    if (pieces === undefined) this.#pieces.set(head, [number]);
    else pieces.push(number);
    if (goesOn) return;
    this.#open.delete(stream);
    this.#heads.set(number, head);
  }

  /** How many records have no row of their own. */
  get hiddenCount(): number {
    return this.#hidden.length;
  }

  /** The first record of a row. */
  recordOf(row: number): number {
    // The k-th hidden record comes before the row if at most `row` visible records come before it.
    let low = 0;
    let high = this.#hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#hidden[middle] ?? 0) - middle > row) high = middle;
      else low = middle + 1;
    }
    return row + low;
  }

  /** The row that starts at a record; `undefined` for a further piece of a line. */
  rowOf(record: number): number | undefined {
    let low = 0;
    let high = this.#hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#hidden[middle] ?? 0) < record) low = middle + 1;
      else high = middle;
    }
    return this.#hidden[low] === record ? undefined : record - low;
  }

  /** The further records of the line that starts at a record, in order. */
  piecesOf(record: number): readonly number[] {
    return this.#pieces.get(record) ?? [];
  }

  /** Whether the line that starts at a record has further pieces, or may get some. */
  isInPieces(record: number): boolean {
    return this.#pieces.has(record) || [...this.#open.values()].includes(record);
  }

  /** The first record of the line that this record completes; `undefined` if it does not complete a line in pieces. */
  headOf(record: number): number | undefined {
    return this.#heads.get(record);
  }
}

const E = 0x65;

/** Whether a record has `"partial":true`. Only `"lossy":true` may follow that. */
function isPartial(record: Buffer): boolean {
  // Fast path: nearly every output record ends with its text, in `"}`.
  if (record[record.length - 2] !== E) return false;
  return /"partial":true(?:,"lossy":true)?\}$/.test(
    record.toString("latin1", Math.max(0, record.length - 40)),
  );
}

/** The stream that an output record belongs to; `undefined` for any other record. */
function outputOf(record: Buffer): OutputStream | undefined {
  const start = record.toString("latin1", 0, Math.min(200, record.length));
  const known = /"event":"output","stream":"(stdout|stderr)"/.exec(start)?.[1];
  return known === "stdout" || known === "stderr" ? known : undefined;
}
