/** The most rows of a block, so that a run of rows fits into a byte. */
const BLOCK_ROWS = 256;

/** A block ends after about so many bytes where lines are long. */
const BLOCK_BYTES = 256 * 1024;

/** Numbers of a part: its file, its start, its end. */
const PART_SIZE = 3;

/** Bytes of a file that follow each other. */
export interface BlockPart {
  readonly file: number;
  readonly start: number;
  readonly end: number;
  /** How many rows they hold. */
  readonly rows: number;
}

/** Rows that follow each other, of several files. */
export interface RowBlock {
  readonly firstRow: number;
  readonly rows: number;
  /** Length of all parts. Unit: bytes. */
  readonly bytes: number;
  readonly parts: readonly BlockPart[];
  /** The index of the part of each row, in order. */
  readonly order: readonly number[];
}

interface Packed {
  readonly firstRow: number;
  rows: number;
  bytes: number;
  /** File, start and end of each part. */
  parts: number[] | Float64Array;
  /** Runs of rows: index of the part, and the number of rows after the first. */
  runs: number[] | Uint8Array;
}

/**
 * Where each row of a log is whose rows are in several files.
 *
 * Memory: at most two bytes a row, where every row is of another file than the one before; far less where several of
 * one file follow each other.
 */
export class RowBlocks {
  readonly #blocks: Packed[] = [];
  /** The last part of each file in the last block. */
  readonly #lastParts = new Map<number, number>();
  #rows = 0;

  /** How many rows there are. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds a row: a range of bytes in a file. */
  add(file: number, start: number, end: number): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || block.rows >= BLOCK_ROWS || block.bytes >= BLOCK_BYTES) {
      if (block !== undefined) seal(block);
      this.#lastParts.clear();
      block = { firstRow: this.#rows, rows: 0, bytes: 0, parts: [], runs: [] };
      this.#blocks.push(block);
    }
    const { parts, runs } = block;
    if (!Array.isArray(parts) || !Array.isArray(runs)) return;
    let part = this.#lastParts.get(file);
    if (part === undefined || parts[part * PART_SIZE + 2] !== start) {
      part = parts.length / PART_SIZE;
      parts.push(file, start, end);
      this.#lastParts.set(file, part);
    } else {
      parts[part * PART_SIZE + 2] = end;
    }
    const last = runs.length - 1;
    if (runs[last - 1] === part) runs[last] = (runs[last] ?? 0) + 1;
    else runs.push(part, 0);
    block.rows += 1;
    block.bytes += end - start;
    this.#rows += 1;
  }

  /** The block that holds a row; `undefined` if there is no such row. */
  blockOf(row: number): RowBlock | undefined {
    if (row < 0 || row >= this.#rows) return undefined;
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.firstRow ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    const packed = this.#blocks[low];
    return packed === undefined ? undefined : unpack(packed);
  }
}

function seal(block: Packed): void {
  block.parts = Float64Array.from(block.parts);
  block.runs = Uint8Array.from(block.runs);
}

function unpack({ firstRow, rows, bytes, parts, runs }: Packed): RowBlock {
  const order: number[] = [];
  const rowsOf: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    const part = runs[at] ?? 0;
    const count = (runs[at + 1] ?? 0) + 1;
    for (let row = 0; row < count; row += 1) order.push(part);
    rowsOf[part] = (rowsOf[part] ?? 0) + count;
  }
  const unpacked: BlockPart[] = [];
  for (let at = 0; at < parts.length; at += PART_SIZE) {
    const [file = 0, start = 0, end = 0] = parts.slice(at, at + PART_SIZE);
    unpacked.push({ file, start, end, rows: rowsOf[at / PART_SIZE] ?? 0 });
  }
  return { firstRow, rows, bytes, parts: unpacked, order };
}
