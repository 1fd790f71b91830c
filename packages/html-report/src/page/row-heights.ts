/**
 * How high the rows of a list are, of which only those that are seen are drawn.
 *
 * A row has a guessed height until it was drawn and measured. Nothing here touches the page.
 */
export class RowHeights {
  readonly #heights: Float64Array;
  /** Where each row begins; one more at the end for where the last one ends. */
  readonly #tops: Float64Array;
  /** The first row whose end is to be reckoned anew. */
  #stale = 0;

  /** @param guess - The height of a row, in pixels. */
  constructor(count: number, guess: (row: number) => number) {
    this.#heights = Float64Array.from({ length: count }, (_, row) => guess(row));
    this.#tops = new Float64Array(count + 1);
  }

  /** The height of all rows. */
  get total(): number {
    return this.topOf(this.#heights.length);
  }

  /** Where a row begins, from the top of the first one. */
  topOf(row: number): number {
    for (; this.#stale < this.#heights.length; this.#stale += 1)
      this.#tops[this.#stale + 1] = (this.#tops[this.#stale] ?? 0) + (this.#heights[this.#stale] ?? 0);
    return this.#tops[Math.max(0, Math.min(row, this.#heights.length))] ?? 0;
  }

  /** The row at a place: the first one above all, the last one below all. */
  at(place: number): number {
    let low = 0;
    let high = this.#heights.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.topOf(middle) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Takes the height that a drawn row has.
   *
   * @returns Whether that was not known. Less than half a pixel is no difference: scaled screens have such heights.
   */
  measure(row: number, height: number): boolean {
    if (row >= this.#heights.length || Math.abs((this.#heights[row] ?? 0) - height) < 0.5) return false;
    this.#heights[row] = height;
    this.#stale = Math.min(this.#stale, row);
    return true;
  }
}
