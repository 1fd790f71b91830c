import type { EpochMs, GraphIr, RunId, RunResult } from "@loom/core";
import { PHASE_REPORT_PATH, streamPath, millisecondsBetween, wireTime } from "@loom/record";
import type { ExecutorReceipt, Receipt } from "../documents/receipt.ts";

/** What a receipt says about where a run took place and what it was asked to do. Paths are absolute. */
export interface ReceiptContext {
  readonly loomVersion: string;
  /** The arguments as given, the program first; without values that may be secret. */
  readonly command: readonly string[];
  readonly repoRoot: string;
  readonly workflowPath: string;
  /** The isolated workspace; absent for a run in the live checkout. */
  readonly snapshotPath?: string | undefined;
  /** What that is a snapshot of; absent for the checkout as it was on disk. */
  readonly snapshotOf?: Receipt["snapshot_of"];
  readonly changesBase?: Receipt["changes_base"];
  /** Full sha of the commit that was run; absent if git reported none. */
  readonly headSha?: string | undefined;
  /** What was compiled; without jobs if nothing was compiled. */
  readonly graph: GraphIr;
  readonly startedAtMs: EpochMs;
}

/** How the run came out. */
export interface ReceiptOutcome {
  readonly runId: RunId;
  /** Absolute. */
  readonly runDirectory: string;
  readonly outcome: RunResult;
  readonly finishedAtMs: EpochMs;
  readonly executor: ExecutorReceipt;
}

/** The receipt of a run. The only place that knows its form, for runs and for those that are closed after a kill. */
export function composeReceipt(context: ReceiptContext, run: ReceiptOutcome): Receipt {
  const { snapshotPath, snapshotOf, headSha, changesBase } = context;
  const { runDirectory, outcome } = run;
  const startedAt = wireTime(context.startedAtMs);
  const finishedAt = wireTime(run.finishedAtMs);
  return {
    schema_version: "v1",
    kind: "loom-run-local",
    loom_version: context.loomVersion,
    command: context.command,
    repo_root: context.repoRoot,
    workflow_path: context.workflowPath,
    started_at: startedAt,
    finished_at: finishedAt,
    duration_ms: millisecondsBetween(startedAt, finishedAt),
    status: outcome.status,
    exit_code: outcome.exitCode,
    ...(outcome.error !== undefined && { error: outcome.error.message }),
    run_id: run.runId,
    logs_dir: runDirectory,
    events_jsonl_path: `${runDirectory}/${streamPath({ kind: "run" })}`,
    phase_report_path: `${runDirectory}/${PHASE_REPORT_PATH}`,
    ...(snapshotPath !== undefined && { snapshot_path: snapshotPath }),
    ...(snapshotOf !== undefined && { snapshot_of: snapshotOf }),
    ...(headSha !== undefined && { snapshot_head_sha: headSha }),
    ...(changesBase !== undefined && { changes_base: changesBase }),
    graph_ir: context.graph,
    executor_receipt: run.executor,
  };
}
