/** What can be wrong without preventing a run. The README has this table too. */
export const RUN_WARNINGS = {
  claim_refused: "Nothing will notice if this run is cut off",
  other_run: "Jobs of another run work in the same folder",
  dead_run: "What happened to an earlier run that was cut off",
  evidence_refused: "The run fails because its evidence cannot be written",
  evidence_open: "The evidence is incomplete; the next run completes it",
  evidence_invalid: "The evidence breaks its contract: a bug",
  claim_kept: "The note that the run is open could not be removed",
  remote: "What jobs on workers wait for",
  processes_left: "Something that a job started could not be ended, or was ended only now",
} as const;

/** What a warning is about. */
export type RunWarningCode = keyof typeof RUN_WARNINGS;

/** Something that a person should know. */
export interface RunWarning {
  readonly code: RunWarningCode;
  /** A sentence without a full stop. Paths are relative to the user's working directory. */
  readonly message: string;
}
