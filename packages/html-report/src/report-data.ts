import type { JobId, JobStatus, PhaseStatus, RunId, StepPart } from "@loom/core";
import type { ExplainedOutcome, Explanation } from "@loom/diagnosis";

/**
 * What a report shows: plain data, which the page gets as JSON. The page reads nothing else but the logs, and decides
 * nothing about a run.
 *
 * Names are those of the files that a run leaves. Texts are as the evidence has them; the page shows them as text only.
 */
export interface ReportData {
  readonly schema_version: "v1";
  readonly kind: "loom-report";
  /** When the report was made. RFC 3339, UTC. */
  readonly made_at: string;
  readonly run: ReportedRun;
  readonly job_counts: ReportedCounts;
  /** Of the run, as `loom explain` tells it; absent where too little of it can be read. */
  readonly explanation?: Explanation;
  /** Of further jobs that failed, each as `loom explain --job` tells it; 10 at most. */
  readonly other_failures: readonly Explanation[];
  readonly time: ReportedTime;
  /** In execution order. */
  readonly stages: readonly string[];
  /** In declaration order. */
  readonly jobs: readonly ReportedJob[];
  /** `left_out`: the report was asked to have none. */
  readonly logs: "embedded" | "left_out";
}

/** The run itself. */
export interface ReportedRun {
  readonly run_id: RunId | string;
  readonly outcome: ExplainedOutcome;
  readonly exit_code?: number;
  /** The project's folder, by name, and the workflow's path in it. */
  readonly project?: string;
  readonly workflow?: string;
  /** The command that started it. */
  readonly command?: string;
  readonly commit?: string;
  /** What the jobs worked in, where that was not the checkout as it was. */
  readonly snapshot_of?: "staged" | "commit";
  /** RFC 3339, UTC. */
  readonly started_at?: string;
  readonly duration_ms?: number;
  readonly loom_version?: string;
}

/** How many jobs stand how. A failure that is allowed is counted as such alone. */
export interface ReportedCounts {
  readonly total: number;
  readonly success: number;
  readonly failed: number;
  readonly allowed: number;
  readonly skipped: number;
  readonly cancelled: number;
  /** Neither ended nor skipped: the run goes on, or was cut off. */
  readonly open: number;
}

/** Where the time of the pipeline went. */
export interface ReportedTime {
  /** The length of the pipeline, on which all times of jobs lie. */
  readonly duration_ms: number;
  readonly work_ms: number;
  readonly slots: number;
  readonly busiest_slots: number;
  /** From 0 to 1. */
  readonly utilisation: number;
  /** The jobs that each held up the next, first to last. */
  readonly critical_path: readonly JobId[];
}

/** One job. Times are in milliseconds from the start of the pipeline. */
export interface ReportedJob {
  readonly job_id: JobId;
  readonly title?: string;
  readonly stage: string;
  readonly needs: readonly JobId[];
  readonly status: JobStatus;
  /** Present where its failure does not count against the run. */
  readonly allowed?: true;
  /** A skip reason, or the code of an error. */
  readonly reason?: string;
  readonly blocked_by: readonly JobId[];
  readonly kept_from?: RunId;
  /** Why it ran when it did, or did not run: one sentence without a full stop. */
  readonly sentence: string;
  readonly exit_code?: number;
  readonly ready_ms?: number;
  readonly started_ms?: number;
  readonly ended_ms?: number;
  /** Each time that it was started. */
  readonly attempts: readonly ReportedAttempt[];
  /** Of the last attempt. */
  readonly steps: readonly ReportedStep[];
  readonly tests?: { readonly total: number; readonly failed: number; readonly skipped: number };
  /** What it printed; absent where it printed nothing, or the report has no logs. */
  readonly log?: ReportedLog;
}

/** One attempt at a job. */
export interface ReportedAttempt {
  /** From 1. */
  readonly attempt: number;
  readonly started_ms: number;
  readonly ended_ms: number;
  readonly status: PhaseStatus | "running";
}

/** One step of a job. */
export interface ReportedStep {
  /** From 1. */
  readonly step: number;
  readonly part?: StepPart;
  readonly name?: string;
  readonly command: string;
  /** `pending`: the job has not got to it. */
  readonly status: PhaseStatus | "pending";
  /** Present where it failed and the job went on. */
  readonly tolerated?: true;
  readonly exit_code?: number;
  readonly duration_ms?: number;
}

/** What the page has to know of a log before it unpacks it. */
export interface ReportedLog {
  /** How many lines the job printed; they are numbered from 1. */
  readonly lines: number;
  /** Which lines are from where, in their order. Lines that are left out are in none. */
  readonly runs: readonly LogRun[];
  /** The lines in the middle that are not in the report. */
  readonly left_out?: { readonly first: number; readonly lines: number };
  /** How many lines are so long that their end is left out. */
  readonly cut_lines?: number;
}

/** Lines that follow each other and are from the same part of a job. */
export interface LogRun {
  readonly first: number;
  readonly lines: number;
  /** A step, from 1; else the section that did the work of Loom for the job. */
  readonly step?: number;
  readonly section?: string;
  /** Only of an attempt that a later one has replaced; from 1. */
  readonly attempt?: number;
}
