import type { RunResult } from "@loom/core";
import type { RecordSink } from "./record-sink.ts";

/** Shows a run to one audience: prints lines, draws a screen, writes a file. */
export interface Reporter extends RecordSink {
  /** Prints the closing part. Called once, after the last record. Resolves when whoever looks has seen enough. */
  finish(end: RunEnd): void | Promise<void>;
  /** Gives back what it holds, such as a terminal. Called last, even when the run ends by a bug. */
  close?(): void;
}

/** What is known when a run is over. Paths are shown as they are given. */
export interface RunEnd {
  readonly outcome: RunResult;
  /** Absolute; absent when it could not be written. */
  readonly receiptPath?: string;
  /** The run's folder, relative to where the user stands. */
  readonly logsDir: string;
  /** The snapshot in which jobs worked, which is kept for a while. Absolute; absent when they worked in the checkout. */
  readonly snapshotPath?: string;
  /**
   * Whether a file is there, by the path under which it would be shown: what is
   * not there is not named. Default: all are.
   */
  readonly isThere?: (path: string) => boolean;
}
