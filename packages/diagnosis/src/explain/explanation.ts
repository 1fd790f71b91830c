import type { JobCounts } from "@loom/artifacts";
import type { ErrorCode, ForeignCode, FoundError, ReachedLimit } from "@loom/core";

/** Bytes that an explanation takes as JSON at most, indented by two spaces and with its final newline. */
export const EXPLANATION_BYTES: number = 4096;

/**
 * How a run stands.
 *
 * - `interrupted`: it ended without closing itself, or was closed afterwards by `loom recover`
 * - `running`: it is still running
 * - `unfinished`: it has no end on disk, and whether it goes on is not known
 */
export type ExplainedOutcome = "success" | "failure" | "cancelled" | "interrupted" | "running" | "unfinished";

/**
 * Why a run stands as it does, in less than 4 KiB of JSON.
 *
 * Texts are without control characters. A text that was cut ends in `…`; a
 * list that may be cut has its full length beside it (`…_total`).
 */
export interface Explanation {
  readonly schema_version: "v1";
  readonly kind: "loom-explanation";
  readonly run_id: string;
  /** Absolute; the paths in `open` are relative to it. */
  readonly run_dir: string;
  readonly outcome: ExplainedOutcome;
  /** What `loom run` exited with. */
  readonly exit_code?: number;
  /** The answer in one sentence. */
  readonly summary: string;
  readonly started_at?: string;
  readonly duration_ms?: number;
  readonly job_counts?: JobCounts;
  /** What failed; absent when nothing did. */
  readonly failure?: ExplainedFailure;
  /** Errors that tools reported in the failing unit, the most telling first. */
  readonly errors: readonly ExplainedError[];
  readonly errors_total: number;
  /** The lines of the failing unit that matter, in their order. */
  readonly lines: readonly string[];
  /** How many lines the failing unit printed. */
  readonly lines_total: number;
  /** How many of those were looked at for errors, from the end; the explanation is right about them only. */
  readonly lines_read: number;
  /** Jobs that were skipped because of the failing one. */
  readonly blocked: readonly string[];
  readonly blocked_total: number;
  /** Further jobs that failed. */
  readonly other_failures: readonly OtherFailure[];
  readonly other_failures_total: number;
  /** Jobs that were stopped, or ran when the run was cut off. */
  readonly stopped: readonly string[];
  readonly stopped_total: number;
  /** What ran when the run was stopped or cut off, or runs now; 3 jobs at most. */
  readonly running?: readonly RunningWork[];
  /** What changed since the explained job last passed; absent where that was not asked for. */
  readonly changed?: ExplainedChanges;
  /** Whether the explained job failed like this before; absent where it did not fail before, or that was not asked for. */
  readonly seen_before?: SeenBefore;
  /** The jobs that decided how long the run took, in their order; absent where they are not known. */
  readonly critical_path?: readonly { readonly job_id: string; readonly duration_ms: number }[];
  /** Files to read next, relative to `run_dir`, in this order. */
  readonly open: readonly string[];
  /** Their sizes, in the same order; -1 for one that cannot be read. */
  readonly open_bytes: readonly number[];
  /** Commands to run next, in this order. */
  readonly next: readonly string[];
  /** What of the evidence could not be read. */
  readonly notes: readonly string[];
  /** Whether anything was cut to keep within the limit. */
  readonly truncated: boolean;
}

/** The part of a run that failed. */
export interface ExplainedFailure {
  /** `job`: the job itself, outside its steps and sections; `run`: no job. */
  readonly unit: "step" | "section" | "job" | "run";
  readonly job_id?: string;
  readonly stage?: string;
  /** From 1. */
  readonly step?: number;
  /** How many steps the job has. */
  readonly steps_total?: number;
  readonly section?: string;
  readonly command?: string;
  /** What the step is for, if it says so. */
  readonly name?: string;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly error?: { readonly code: ErrorCode | ForeignCode; readonly message: string };
  /** The limit of time that it reached, and whose: of the whole job, or of this step alone. */
  readonly limit?: ReachedLimit;
  /** What the exit code, the signal or the output says about the kind of failure. */
  readonly meaning?: FailureMeaning;
  /** What it missed that lies in the checkout and not in the snapshot in which it ran. */
  readonly left_out?: LeftOut;
  /** How often the job was started. */
  readonly attempts?: number;
  readonly duration_ms?: number;
}

/** The kinds of failure that an exit code, a signal or an output tells of. */
export const FAILURE_MEANINGS = [
  "bash_syntax",
  "command_not_found",
  "not_executable",
  "killed",
  "timeout",
  "worker_lost",
  "disk_full",
  "out_of_memory",
  "crashed",
  "terminated",
  "interrupted",
  "signal",
] as const;

/** What kind of failure it is. */
export interface FailureMeaning {
  readonly code: (typeof FAILURE_MEANINGS)[number];
  readonly message: string;
}

/** Something that a snapshot leaves out, and that a step missed. */
export interface LeftOut {
  /** Relative to the project: what the snapshot does not have. */
  readonly folder: string;
  /** Relative to the project: what was missed, in that folder; the folder itself where this is a guess. */
  readonly path: string;
  /** One sentence, with what to do. */
  readonly message: string;
}

/** An error that a tool reported, its file relative to the project. */
export type ExplainedError = FoundError;

/** A failed job beside the one that is explained. */
export interface OtherFailure {
  readonly job_id: string;
  readonly exit_code?: number;
  /** Whether it counts against the run. */
  readonly blocking: boolean;
  /** The step that failed, from 1; this and what follows is known for the first 5 jobs. */
  readonly step?: number;
  readonly command?: string;
  /** What the step is for, if it says so. */
  readonly name?: string;
  /** The limit of time that it reached. */
  readonly limit?: ReachedLimit;
  /** The most telling error that a tool reported in it. */
  readonly error?: ExplainedError;
}

/** A step under way. */
export interface RunningWork {
  readonly job_id: string;
  /** From 1; absent in what Loom itself does for a job. */
  readonly step?: number;
  readonly command?: string;
  /** What the step is for, if it says so. */
  readonly name?: string;
  /** What it printed last. */
  readonly last_line?: string;
  /** How long it had printed nothing when it was asked to end, or now. */
  readonly silent_ms?: number;
}

/** Earlier failures of a job, compared with the one that is explained. */
export interface SeenBefore {
  /** Those that were the same failure, the newest first. */
  readonly runs: readonly { readonly run_id: string; readonly started_at: string }[];
  /** How many earlier failures of the job were compared, the newest: 3 at most. */
  readonly compared: number;
}

/** What changed since a job last passed. */
export interface ExplainedChanges {
  /** The run in which it passed; absent when none was found. */
  readonly since_run_id?: string;
  /** The newest commits since, newest first. */
  readonly commits: readonly { readonly sha: string; readonly subject: string }[];
  readonly commits_total: number;
  /** Files that changed, committed or not. */
  readonly files: readonly string[];
  readonly files_total: number;
  /** Those of all changed files that an error names. */
  readonly files_in_errors: readonly string[];
  /** Jobs that ran before it then, and did not now. */
  readonly left_out_jobs: readonly string[];
  /** All of it in one sentence. */
  readonly sentence: string;
}
