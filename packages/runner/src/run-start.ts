import type { RunIdentity } from "@loom/core";
import type { Clock } from "@loom/ports";

/** What a reporter can know of a run before its first record. */
export interface RunStart {
  readonly identity: RunIdentity;
  /** Absolute path of the project. */
  readonly repoRoot: string;
  /** Absolute. */
  readonly workflowPath: string;
  /** Absolute path of the run's evidence. */
  readonly runDirectory: string;
  /** Absolute path at which the receipt will be. */
  readonly receiptPath: string;
  /** How many jobs run at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
}
