import type { FoundError, JobId, ReportedTest, RunResult } from "@loom/core";
import type { RecordSink } from "./record-sink.ts";

/**
 * Shows a run to one audience: prints lines, draws a screen, writes a file.
 *
 * What it is given comes in the order `record` and `lines` with a `flush` after
 * each moment, `finish`, `close`. Every reporter owes, and `reporterContract` of
 * `@loom/contract-suites` tries it:
 *
 * - It takes whatever records there are: of a run that never got a graph, of
 *   jobs that it does not know, twice, or with some missing. It never throws.
 * - The same records give the same output.
 * - What it prints holds no control sequence of a job's output, of a script or of an
 *   error, unless it goes to a terminal that is meant to have it.
 * - What it does for one record does not grow with the number of jobs.
 */
export interface Reporter extends RecordSink {
  /**
   * Prints the closing part, and writes everything pending: no `flush` follows.
   * Called once, after the last record, or without any when the run could not
   * begin. Resolves when the viewer has seen enough.
   */
  finish(end: RunEnd): void | Promise<void>;
  /**
   * Gives back what it holds, such as a terminal. Called last, even when the run
   * ends by a bug: then without `finish`. Nothing is written after it.
   */
  close?(): void;
}

/** What is known when a run is over. Paths are shown as given. */
export interface RunEnd {
  readonly outcome: RunResult;
  /** Absolute; absent when it could not be written. */
  readonly receiptPath?: string;
  /** The run's folder, relative to the user's working directory. */
  readonly logsDir: string;
  /** The snapshot in which jobs worked, which is kept for a while. Absolute; absent when they worked in the checkout. */
  readonly snapshotPath?: string;
  /**
   * The lines that tell why jobs failed, by job: as they were printed, paths relative to the project. Default: none, and
   * the last lines that a reporter has seen have to do.
   */
  readonly excerpts?: ReadonlyMap<JobId, readonly string[]>;
  /**
   * The errors that tools reported in jobs that failed, by job, the most telling first. A file is relative to the root of
   * the repository; one outside of it is left out. Default: none.
   */
  readonly errors?: ReadonlyMap<JobId, readonly FoundError[]>;
  /** The commands that lead on from the first failed job that counts. Default: none; nothing failed, or nothing is known of it. */
  readonly next?: readonly string[];
  /** Where the time went, as a few lines for people. Default: none; a short run has nothing to say of it. */
  readonly time?: readonly string[];
  /**
   * The tests that the reports of jobs tell of, by job; jobs without reports are not among them. It costs reading, so it
   * is made when it is asked for. Default: nothing is known of tests.
   */
  readonly tests?: () => Promise<ReadonlyMap<JobId, readonly ReportedTest[]>>;
  /**
   * Explains a run that did not succeed: the document of `loom explain --json`, to be written as JSON. It costs some
   * reading, so it is made when it is asked for. Resolves to nothing where the evidence cannot be read. Default: the run
   * succeeded, or nobody can explain it.
   */
  readonly explain?: () => Promise<object | undefined>;
  /**
   * Whether a file is there, by the path under which it would be shown: what is
   * not there is not named. Default: all are.
   */
  readonly isThere?: (path: string) => boolean;
}
