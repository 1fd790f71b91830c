/** Consecutive lines of output of one stream. */
export interface CountedLines {
  /** `seq` of the first. */
  readonly firstSeq: number;
  /** How many, 1 to 2^20. */
  readonly count: number;
}
