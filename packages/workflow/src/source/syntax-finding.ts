/** What is wrong with a stretch of a text, before it becomes a problem of a file. */
export interface SyntaxFinding {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The fix, in the imperative. */
  readonly message: string;
  /**
   * What can be relied on behind it.
   *
   * - `all`: this format forbids it, but what it means is clear
   * - `structure`: one value is not understood, and where the next ones start is known
   * - `values`: what follows on other lines can be wrong in itself, but not where brackets, commas and colons are missing
   * - `nothing`: further findings may be nothing but its consequences
   */
  readonly leaves: "all" | "structure" | "values" | "nothing";
}
