import type { RunStatus } from "@loom/core";

/** A run that was, as the list of runs shows it. */
export interface PastRun {
  readonly runId: string;
  /** When it was started. Unix time in milliseconds. */
  readonly startedAtMs: number;
  /** `unfinished`: no receipt; it was interrupted, or goes on elsewhere. */
  readonly status: RunStatus | "unfinished" | "running";
  readonly durationMs?: number;
  /** The workflow file, relative to the project. */
  readonly workflow: string;
  /** How many jobs it was about. */
  readonly jobs: number;
  readonly failedJobs: readonly string[];
  /** Why it failed, in one line. */
  readonly error?: string;
  /** Absolute; absent when the folder is gone. */
  readonly directory?: string;
  /** Absolute. */
  readonly receiptPath?: string;
  /** Durations of the jobs that succeeded, in milliseconds, by id. */
  readonly jobDurations: ReadonlyMap<string, number>;
}
