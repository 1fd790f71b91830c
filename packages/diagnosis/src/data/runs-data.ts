import type { PastRun } from "../history/read-past-runs.ts";

/** One past run, as `--json` gives it. */
export interface ListedRun {
  readonly run_id: string;
  readonly started_at: string;
  readonly status: PastRun["status"];
  readonly duration_ms?: number;
  readonly exit_code?: number;
  readonly failing_job_id?: string;
  readonly error?: { readonly code?: string; readonly message: string; readonly job_id?: string };
  /** Absolute; absent when only the receipt is left. */
  readonly logs_dir?: string;
  readonly receipt_path?: string;
}

/** Past runs as JSON for programs; `loom schema runs` has its schema. */
export function runsData(runs: readonly PastRun[]): {
  readonly schema_version: "v1";
  readonly kind: "loom-runs";
  readonly runs: readonly ListedRun[];
} {
  return { schema_version: "v1", kind: "loom-runs", runs: runs.map(describe) };
}

function describe(run: PastRun): ListedRun {
  const { startedAtMs, status, durationMs, exitCode, failedJobs, error, directory, receiptPath } = run;
  return {
    run_id: run.runId,
    started_at: new Date(startedAtMs).toISOString(),
    status,
    ...(exitCode !== undefined && { exit_code: exitCode }),
    ...(durationMs !== undefined && { duration_ms: durationMs }),
    ...(failedJobs[0] !== undefined && { failing_job_id: failedJobs[0] }),
    ...(error !== undefined && { error }),
    ...(directory !== undefined && { logs_dir: directory }),
    ...(receiptPath !== undefined && { receipt_path: receiptPath }),
  };
}
