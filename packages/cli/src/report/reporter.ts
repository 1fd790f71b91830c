import type { RunResult } from "@loom/core";
import type { RecordSink } from "@loom/ports";

/** Where text goes: a terminal, a pipe, a file. */
export interface TextOutput {
  /** Takes text whose end is the end of a line. What the outside does to it (a closed pipe) is not the writer's concern. */
  write(text: string): void;
  /** Resolves when the other side has taken enough to go on; absent or `undefined`: go on. */
  drained?(): Promise<void> | undefined;
}

/** Shows a run to one audience. */
export interface Reporter extends RecordSink {
  /** Prints the closing part. Called once, after the last record. Resolves when whoever looks has seen enough. */
  finish(end: RunEnd): void | Promise<void>;
}

/** What the program knows when a run is over. Paths are shown as they are given. */
export interface RunEnd {
  readonly outcome: RunResult;
  /** Absolute; absent when it could not be written. */
  readonly receiptPath?: string;
  /** The run's folder, relative to where the user stands. */
  readonly logsDir: string;
  /**
   * Whether a file is there, by the path under which it would be shown: what is
   * not there is not named. Default: all are.
   */
  readonly isThere?: (path: string) => boolean;
}

/** Where the receipt is, or that there is none. */
export function receiptLine({ receiptPath }: RunEnd): string {
  return receiptPath === undefined ? "no receipt: it could not be written" : `receipt: ${receiptPath}`;
}

/** What stands at the top of a transcript. Paths are shown as they are given. */
export interface RunHeading {
  /** Relative to where the user stands. */
  readonly workflowPath: string;
  /** The run's folder, relative to where the user stands. */
  readonly logsDir: string;
  /** How many jobs run at a time; left out when not known. */
  readonly workers?: number;
}
