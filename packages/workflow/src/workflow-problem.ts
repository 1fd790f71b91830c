/** `WF_YAML`: the text is not YAML as this format allows it. `WF_SCHEMA_V1`: everything else. */
export type WorkflowProblemCode = "WF_YAML" | "WF_SCHEMA_V1";

/** One thing that is wrong in a workflow file, and what to do about it. Plain data. */
export interface WorkflowProblem {
  readonly code: WorkflowProblemCode;
  /** Absent: an error. A warning is allowed, but hardly meant. */
  readonly severity?: "warning";
  /** The file as the caller named it, or the path an `include` gave. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units, as editors do. */
  readonly column: number;
  /** Counted from 0, in UTF-16 code units of the file's text. */
  readonly startOffset: number;
  /** Exclusive; not before `startOffset`. */
  readonly endOffset: number;
  /** JSON pointer into the file; empty for the whole file. */
  readonly path: string;
  /** The fix, in the imperative. */
  readonly message: string;
  /** Absent when the file has no text to show. */
  readonly excerpt?: ProblemExcerpt;
}

/** The line a problem starts on, cut to a readable width. */
export interface ProblemExcerpt {
  readonly text: string;
  /** Where the underlined part starts in `text`, from 0. */
  readonly from: number;
  /** How many UTF-16 code units are underlined, 1 or more. */
  readonly length: number;
}
