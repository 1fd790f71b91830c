import type { GraphIr, JobId, PhaseStatus, RunId, RunStatus } from "@loom/core";
import { EXIT_CODE_SHAPE, PHASE_STATUS } from "../codec/event-shapes.ts";
import { anything, fields, listOf, oneOf, optional, text, whole, type Shape } from "../shape/shape.ts";
import { RUN_STATUS } from "./status-words.ts";

/** One job as the executor carried it out. */
export interface ExecutorJob {
  readonly job_id: JobId;
  /** Word of the provider that it ran on; absent for a job that never started. */
  readonly provider?: string;
  readonly status: PhaseStatus;
  readonly exit_code?: number;
  readonly duration_ms?: number;
}

/** What the executor did. */
export interface ExecutorReceipt {
  /** How many jobs could run at a time. */
  readonly concurrency: number;
  /** In declaration order. */
  readonly jobs: readonly ExecutorJob[];
}

/** A commit that the files of a run were compared with. */
export interface ChangesBaseReceipt {
  /** As it was asked for, or `the upstream branch`, or `the previous commit`. */
  readonly name: string;
  /** The commit that both have in common. */
  readonly sha: string;
}

/** `receipts/<run_id>.json`: the entry to a run. Its paths are absolute. */
export interface Receipt {
  readonly schema_version: "v1";
  readonly kind: "loom-run-local";
  readonly loom_version: string;
  /** The arguments as given, the program first. */
  readonly command: readonly string[];
  readonly repo_root: string;
  readonly workflow_path: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_ms: number;
  readonly status: RunStatus;
  readonly exit_code: number;
  /** Absent for a success. */
  readonly error?: string;
  readonly run_id: RunId;
  readonly logs_dir: string;
  readonly events_jsonl_path: string;
  readonly phase_report_path: string;
  /** The isolated workspace; absent for a run in the live checkout. */
  readonly snapshot_path?: string;
  /** What the workspace is a snapshot of, if not the checkout as it was on disk. */
  readonly snapshot_of?: "staged" | "commit";
  readonly snapshot_head_sha?: string;
  /** What the changes in rules of jobs were counted from; absent where none asks for changes. */
  readonly changes_base?: ChangesBaseReceipt;
  /** What was compiled. Its own schema version is checked by `@loom/workflow`. */
  readonly graph_ir: GraphIr;
  readonly executor_receipt: ExecutorReceipt;
}

/** Shape of {@link Receipt}. */
export const RECEIPT: Shape<Receipt> = fields<Receipt>({
  schema_version: oneOf("v1"),
  kind: oneOf("loom-run-local"),
  loom_version: text(),
  command: listOf(text()),
  repo_root: text(),
  workflow_path: text(),
  started_at: text(),
  finished_at: text(),
  duration_ms: whole(),
  status: RUN_STATUS,
  exit_code: whole(0, 255),
  error: optional(text()),
  run_id: text<RunId>(),
  logs_dir: text(),
  events_jsonl_path: text(),
  phase_report_path: text(),
  snapshot_path: optional(text()),
  snapshot_of: optional(oneOf<"staged" | "commit">("staged", "commit")),
  snapshot_head_sha: optional(text()),
  changes_base: optional(fields<ChangesBaseReceipt>({ name: text(), sha: text() })),
  graph_ir: anything<GraphIr>(),
  executor_receipt: fields<ExecutorReceipt>({
    concurrency: whole(1),
    jobs: listOf(
      fields<ExecutorJob>({
        job_id: text<JobId>(),
        provider: optional(text()),
        status: PHASE_STATUS,
        exit_code: optional(EXIT_CODE_SHAPE),
        duration_ms: optional(whole()),
      }),
    ),
  }),
});
