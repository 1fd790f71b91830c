/** An error or warning that a tool reported, found in what a job printed. */
export interface FoundError {
  /** Who says it, `tsc` or `pytest` for example; `generic` where the words alone give it away. */
  readonly tool: string;
  /** What it says, without place and code. */
  readonly message: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** As the tool counts. */
  readonly column?: number;
  /** The tool's own word for it, `TS2322` or `no-unused-vars` for example. */
  readonly code?: string;
  /** The test that failed, as its runner names it. */
  readonly test?: string;
  /** Only where the tool failed for warnings, or nothing worse was found. Absent: an error. */
  readonly severity?: "warning";
}
