/** The numbers that were seen, as ranges: memory grows with the gaps, not with the numbers. */
export class SeqRanges {
  readonly #ranges: [number, number][] = [];

  /** Notes a number. Numbers that follow each other cost nothing. */
  add(seq: number): void {
    // Stryker disable next-line UnaryOperator: ranges that are not joined are the same numbers in more memory.
    const range = this.#ranges.at(-1);
    // Stryker disable next-line ConditionalExpression: as above.
    if (range !== undefined && seq === range[1] + 1) range[1] = seq;
    else this.#ranges.push([seq, seq]);
  }

  /** The highest number; 0 when there is none. */
  get last(): number {
    return this.#ranges.reduce((last, [, end]) => Math.max(last, end), 0);
  }

  /** What is missing from 1 up to the highest number: first and last of each gap, rising. */
  gaps(): readonly (readonly [number, number])[] {
    const gaps: [number, number][] = [];
    let next = 1;
    for (const [first, last] of this.#ranges.toSorted((a, b) => a[0] - b[0])) {
      if (first > next) gaps.push([next, first - 1]);
      next = Math.max(next, last + 1);
    }
    return gaps;
  }
}
