import type { PhaseCode, PhaseFamily, PhaseStatus, Scope, SectionName } from "@loom/core";
import type { Violation } from "./violation.ts";

/**
 * The verdict over one run, as it stands in `phase-report.json`.
 *
 * Wire names, in the order in which they are written; absent means not applicable.
 */
export interface PhaseReport {
  readonly schema_version: "v1";
  readonly kind: "loom-run-local-phase-report";
  /** `unknown` when neither the records nor the caller name the run. */
  readonly run_id: string;
  /** `unknown` when neither the records nor the caller name the pipeline. */
  readonly pipeline_id: string;
  readonly status: "valid" | "invalid";
  /** RFC 3339, UTC, milliseconds; as the caller gave it. */
  readonly checked_at: string;
  readonly streams: StreamTotals;
  readonly coverage: Coverage;
  /** By `seq` of the start; run, pipeline and job scopes, with `full` also sections and steps. */
  readonly phases: readonly ReportedPhase[];
  /** By stream, line and code; at most 500 of one code, the last of which says how many more there are. */
  readonly violations: readonly Violation[];
}

/** How much was read. */
export interface StreamTotals {
  /** Streams that held a record, or that were read to an end. */
  readonly count: number;
  /** Records of any kind, mirrors and output lines included. */
  readonly events: number;
  /** Sum of the sizes given at the ends of the streams. */
  readonly bytes: number;
}

/**
 * Which of the boundaries that had to be there were there.
 *
 * Required are the start and the finish, one each, of the four phases around
 * the jobs, of `job.cleanup` of every job, and of `job.provider_prepare` and
 * `job.execution` of every attempt of every job that started.
 */
export interface Coverage {
  readonly required: number;
  readonly observed: number;
  /** In the order: run, pipeline, then the jobs as they became known. */
  readonly missing: readonly MissingBoundary[];
}

/** A required boundary that was not found. */
export interface MissingBoundary {
  readonly scope: Scope;
  readonly phase_code: PhaseCode;
  readonly job_id?: string;
  readonly boundary: "start" | "finish";
}

/** One phase, section or step as its records tell it. What the records lack is absent. */
export interface ReportedPhase {
  readonly scope: Scope;
  readonly phase_code: PhaseCode;
  readonly phase_family: PhaseFamily;
  readonly job_id?: string;
  readonly step?: number;
  readonly section?: SectionName;
  readonly status?: PhaseStatus;
  readonly started_at?: string;
  readonly finished_at?: string;
  readonly duration_ms?: number;
  /** Whether the run would be invalid without it. */
  readonly required: boolean;
  readonly stream_path: string;
}
