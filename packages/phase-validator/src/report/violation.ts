import type { Scope } from "@loom/core";

/**
 * What can be wrong with a run.
 *
 * - `missing_start`, `missing_finish`: a required boundary is absent, a started phase has no finish, or a
 *   job never reached a terminal state
 * - `duplicate_start`, `duplicate_finish`: more than one
 * - `finish_before_start`: by `seq`
 * - `out_of_order`: phases of one scope, steps of one attempt or states of one job in the wrong order
 * - `outside_parent`: a record outside the phase or the stream that it belongs in
 * - `started_before_gate`: a job started though its stage, a need or its `when` did not allow it
 * - `status_mismatch`: a document and its stream disagree, or a parent says success despite a failure
 * - `broken_pointer`: a pointer in a document leads out of the run, nowhere or to something else than it names; a list
 *   leaves out a job, step or section; what a document says of a failure, of who blocked a job, of a command or of a
 *   number of lines is not what the streams say
 * - `unknown_phase`, `unknown_event`: not in the vocabulary
 * - `bad_sequence`: `seq` is repeated, missing or decreasing, or a mirror differs from its original
 * - `malformed_line`: not JSON, or without what the record must have
 * - `truncated_stream`: the last line has no newline
 */
export type ViolationCode =
  | "missing_start"
  | "missing_finish"
  | "duplicate_start"
  | "duplicate_finish"
  | "finish_before_start"
  | "out_of_order"
  | "outside_parent"
  | "started_before_gate"
  | "status_mismatch"
  | "broken_pointer"
  | "unknown_phase"
  | "unknown_event"
  | "bad_sequence"
  | "malformed_line"
  | "truncated_stream";

/** One broken rule, and the place to look at. */
export interface Violation {
  readonly code: ViolationCode;
  readonly message: string;
  /**
   * Relative to the run's directory, with `/`. Where a document disagrees with the streams: that of the record which
   * the document contradicts, and the message names the document. A document's path where no single record says
   * otherwise, as for a count, a list or a pointer.
   */
  readonly stream_path: string;
  /** From 1; 0 when there is no line to point at. */
  readonly line: number;
  readonly scope: Scope;
  /** As the record has it, so not always a known one. */
  readonly phase_code?: string;
  readonly job_id?: string;
}
