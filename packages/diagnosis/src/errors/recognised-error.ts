/** An error or warning of a tool, found in what it printed. */
export interface RecognisedError {
  /** Which of the given lines says it, from 0. */
  readonly index: number;
  /** Where what belongs to it begins and ends: title, message, differences, quoted source. `first <= index <= last`. */
  readonly first: number;
  readonly last: number;
  /** Who says it, `tsc` or `pytest` for example; `generic` where the words alone give it away. */
  readonly tool: string;
  /** What it says, without place and code. */
  readonly message: string;
  /** As the tool printed it, relative or absolute. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** As the tool counts. */
  readonly column?: number;
  readonly severity: "error" | "warning";
  /** The tool's own word for it, `TS2322` or `no-unused-vars` for example. */
  readonly code?: string;
  /** The test that failed, as its runner names it. */
  readonly test?: string;
  /** `echo`: a tool says that something below it failed, or sums up; the cause stands elsewhere. */
  readonly role: "cause" | "echo";
}
