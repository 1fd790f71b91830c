/**
 * What is not in order, and does not keep the run from running.
 *
 * - `claim_refused`: nobody will notice when this run is cut off
 * - `other_run`: jobs of another run work in the same folder
 * - `dead_run`: what became of a run that was cut off before
 * - `evidence_refused`: the run fails, since its evidence cannot be written
 * - `evidence_open`: the evidence is not whole, and the next run completes it
 * - `evidence_invalid`: the evidence breaks its contract: a bug
 * - `claim_kept`: the note that the run is open could not be removed
 * - `processes_left`: something that a job started could not be ended, or was ended only now
 */
export type RunWarningCode =
  | "claim_refused"
  | "other_run"
  | "dead_run"
  | "evidence_refused"
  | "evidence_open"
  | "evidence_invalid"
  | "claim_kept"
  | "processes_left";

/** Something that a person should be told. */
export interface RunWarning {
  readonly code: RunWarningCode;
  /** A sentence without a full stop. Paths are relative to where the user stands. */
  readonly message: string;
}
