import { dirname, join, resolve } from "node:path";
import type { ReceiptContext } from "@loom/artifacts";
import { EMPTY_GRAPH, readGraph, type EpochMs, type FactValue, type LogEvent } from "@loom/core";
import type { PastEvent } from "./past-run.ts";

/** What the stream of a run says of its host, for the receipt that it would have written. */
export function recordedContext(
  records: readonly PastEvent[],
  { directory, startedAtMs }: { readonly directory: string; readonly startedAtMs: EpochMs },
): ReceiptContext {
  const context = factsWith(records, "repo_root");
  const repoRoot = text(context?.["repo_root"]) ?? resolve(directory, "../../../..");
  const command: unknown = context?.["command"];
  return {
    loomVersion: text(context?.["loom_version"]) ?? "unknown",
    command: Array.isArray(command) ? command.map(String) : ["loom", "run"],
    repoRoot,
    workflowPath: join(repoRoot, text(context?.["workflow_path"]) ?? ".loom/workflow.yml"),
    snapshotPath: text(factsWith(records, "snapshot_path")?.["snapshot_path"]),
    snapshotOf: snapshotOf(factsWith(records, "snapshot_of")?.["snapshot_of"]),
    headSha: text(factsWith(records, "head_sha")?.["head_sha"]),
    graph: readGraph(factsWith(records, "graph_ir")?.["graph_ir"]) ?? EMPTY_GRAPH,
    startedAtMs,
  };
}

function snapshotOf(fact: unknown): ReceiptContext["snapshotOf"] {
  return fact === "staged" || fact === "commit" ? fact : undefined;
}

/** Where the receipt belongs, when the run lies where runs do; a copy elsewhere gets none. */
export function receiptPlace(directory: string, runId: string): string | undefined {
  const logs = dirname(directory);
  return logs.endsWith("/.loom/.runtime/logs") ? join(dirname(logs), "receipts", `${runId}.json`) : undefined;
}

/** The first record of the run's stream that has a certain fact. */
export function factsWith(records: readonly PastEvent[], fact: string): LogEvent | undefined {
  for (const { stream, record } of records) {
    if (stream.kind === "run" && record.event === "log" && fact in record) return record;
  }
  return undefined;
}

function text(fact: FactValue | undefined): string | undefined {
  return typeof fact === "string" ? fact : undefined;
}
