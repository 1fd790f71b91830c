/**
 * What `compileWorkflow` calls its problems. `WF_YAML`: the text is not YAML as
 * this format allows it. `WF_SCHEMA_V1`: everything else.
 */
export type WorkflowProblemCode = "WF_YAML" | "WF_SCHEMA_V1";

/** A stretch of a workflow file. Plain data. */
export interface WorkflowPlace {
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
}

/**
 * One thing that is wrong in a workflow file, and what to do about it. Plain data.
 *
 * A problem of your own is a place of the compiled workflow with a code and a message.
 */
export interface WorkflowProblem extends WorkflowPlace {
  /** A `WorkflowProblemCode` in what `compileWorkflow` finds; any word in a problem of your own. */
  readonly code: string;
  /** Absent: an error. A warning is allowed, but hardly meant. */
  readonly severity?: "warning" | undefined;
  /** The fix, in the imperative. */
  readonly message: string;
  /** Absent when the file has no text to show, and where nobody gave it. */
  readonly excerpt?: ProblemExcerpt | undefined;
}

/** The line a problem starts on, cut to a readable width. */
export interface ProblemExcerpt {
  readonly text: string;
  /** Where the underlined part starts in `text`, from 0. */
  readonly from: number;
  /** How many UTF-16 code units are underlined, 1 or more. */
  readonly length: number;
}
