import { dirname, join, resolve } from "node:path";
import type { ExecutorReceipt, Receipt } from "@loom/artifacts";
import {
  EMPTY_GRAPH,
  type FactValue,
  type LogEvent,
  type RunIdentity,
  readGraph,
  type RunResult,
} from "@loom/core";
import type { PastEvent } from "./past-run.ts";

/** What the receipt of an interrupted run is made of beside its records. */
export interface RecordedReceiptParts {
  /** Absolute path of the run's directory. */
  readonly directory: string;
  readonly identity: RunIdentity;
  readonly outcome: RunResult;
  readonly executor: ExecutorReceipt;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** The receipt that the run would have written, by what its stream says of its surroundings. */
export function recordedReceipt(records: readonly PastEvent[], parts: RecordedReceiptParts): Receipt {
  const { directory, outcome, startedAt, finishedAt } = parts;
  const context = factsWith(records, "repo_root");
  const repoRoot = text(context?.["repo_root"]) ?? resolve(directory, "../../../..");
  const headSha = text(factsWith(records, "head_sha")?.["head_sha"]);
  const snapshot = text(context?.["snapshot_path"]);
  const command: unknown = context?.["command"];
  return {
    schema_version: "v1",
    kind: "loom-run-local",
    loom_version: text(context?.["loom_version"]) ?? "unknown",
    command: Array.isArray(command) ? command.map(String) : ["loom", "run"],
    repo_root: repoRoot,
    workflow_path: join(repoRoot, text(context?.["workflow_path"]) ?? ".loom/workflow.yml"),
    started_at: startedAt,
    finished_at: finishedAt,
    duration_ms: Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)),
    status: outcome.status,
    exit_code: outcome.exitCode,
    ...(outcome.error !== undefined && { error: outcome.error.message }),
    run_id: parts.identity.runId,
    logs_dir: directory,
    events_jsonl_path: join(directory, "events.jsonl"),
    phase_report_path: join(directory, "phase-report.json"),
    ...(snapshot !== undefined && { snapshot_path: snapshot }),
    ...(headSha !== undefined && { snapshot_head_sha: headSha }),
    graph_ir: readGraph(factsWith(records, "graph_ir")?.["graph_ir"]) ?? EMPTY_GRAPH,
    executor_receipt: parts.executor,
  };
}

/** Where the receipt belongs, when the run lies where runs do; a copy elsewhere gets none. */
export function receiptPlace(directory: string, runId: string): string | undefined {
  const logs = dirname(directory);
  return logs.endsWith("/.loom/.runtime/logs") ? join(dirname(logs), "receipts", `${runId}.json`) : undefined;
}

/** The first record of the run's stream that has a certain fact. */
function factsWith(records: readonly PastEvent[], fact: string): LogEvent | undefined {
  for (const { stream, record } of records) {
    if (stream.kind === "run" && record.event === "log" && fact in record) return record;
  }
  return undefined;
}

function text(fact: FactValue | undefined): string | undefined {
  return typeof fact === "string" ? fact : undefined;
}
