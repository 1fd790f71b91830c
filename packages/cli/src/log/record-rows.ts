import type { OutputStream } from "@loom/core";

/**
 * Which records of a stream are which rows of its log: the pieces of a line
 * that came bit by bit are one row, at the place of the first, however far
 * apart they stand.
 *
 * Held in memory is one number for every piece but the first of its line.
 */
export class RecordRows {
  /** Records without a row of their own, rising. */
  readonly #hidden: number[] = [];
  /** By the first record of a line: the further ones. */
  readonly #pieces = new Map<number, number[]>();
  /** By the last record of a line in pieces: the first. */
  readonly #heads = new Map<number, number>();
  /** The lines that go on. */
  readonly #open = new Map<OutputStream, number>();

  /**
   * Takes the next record.
   *
   * @param number - From 0, without a gap.
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

  /** The record at which a row begins. */
  recordOf(row: number): number {
    // The k-th hidden record stands before the row when no more than `row` visible ones stand before it.
    let low = 0;
    let high = this.#hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#hidden[middle] ?? 0) - middle > row) high = middle;
      else low = middle + 1;
    }
    return row + low;
  }

  /** The row that begins at a record; `undefined` for a further piece of a line. */
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

  /** The further records of the line that begins at a record, in order. */
  piecesOf(record: number): readonly number[] {
    return this.#pieces.get(record) ?? [];
  }

  /** Whether the line that begins at a record has further pieces, or may get some. */
  isInPieces(record: number): boolean {
    return this.#pieces.has(record) || [...this.#open.values()].includes(record);
  }

  /** Where the line begins that a record ends; `undefined` when it ends none in pieces. */
  headOf(record: number): number | undefined {
    return this.#heads.get(record);
  }
}

const E = 0x65;

/** Whether a record says `"partial":true`; nothing but `"lossy":true` follows that. */
function isPartial(record: Buffer): boolean {
  // Nearly every record of output ends in `"}`: its text.
  if (record[record.length - 2] !== E) return false;
  return /"partial":true(?:,"lossy":true)?\}$/.test(
    record.toString("latin1", Math.max(0, record.length - 40)),
  );
}

/** The output that a record is of; `undefined` for one that is no output. */
function outputOf(record: Buffer): OutputStream | undefined {
  const start = record.toString("latin1", 0, Math.min(200, record.length));
  const known = /"event":"output","stream":"(stdout|stderr)"/.exec(start)?.[1];
  return known === "stdout" || known === "stderr" ? known : undefined;
}
