import type { RunReader } from "@loom/artifacts";
import { readGraph, type GraphIr, type LogEvent, type LoomEvent } from "@loom/core";

/** What a run recorded about what it ran on. */
export interface RecordedFacts {
  readonly startedAt?: string;
  readonly workflowPath?: string;
  readonly graph?: GraphIr;
  readonly headSha?: string;
  /** Files that differed from the commit, and those that git did not know; absent when git was not asked. */
  readonly uncommitted?: readonly string[];
  /** Equal for equal contents; absent for a run in the checkout itself. */
  readonly treeHash?: string;
  /** Absolute path of the folder that its jobs started in. */
  readonly workspace?: string;
  /** Absolute path of the snapshot; absent for a run in the checkout itself. */
  readonly snapshotPath?: string;
  /** What that is a snapshot of, if not the checkout as it was on disk. */
  readonly snapshotOf?: "staged" | "commit";
  /** Names of the variables that were set for the run alone. */
  readonly variables: readonly string[];
  /** How each job ended, by name; `kept` for one that kept the result of an earlier run. */
  readonly statuses: ReadonlyMap<string, string>;
}

/** Names the files that a run was about: equal for equal files of one project; `undefined` where its records do not tell. */
export function recordedTree({
  treeHash,
  headSha,
  uncommitted,
}: Pick<RecordedFacts, "treeHash" | "headSha" | "uncommitted">): string | undefined {
  if (treeHash !== undefined) return treeHash;
  return headSha !== undefined && uncommitted?.length === 0 ? `commit ${headSha}` : undefined;
}

/** Reads them from the receipt, and from the run's own stream where there is none (yet). */
export async function readRunFacts(run: RunReader): Promise<RecordedFacts> {
  const [receiptRead, facts] = await Promise.all([run.receipt(), run.tailEvents("events.jsonl", 20, isFact)]);
  const logs = facts.ok ? facts.value : [];
  const fact = (name: string): unknown => logs.find((log) => log[name] !== undefined)?.[name];
  const receipt = receiptRead.ok ? receiptRead.value : undefined;
  const graph = readGraph(receipt?.graph_ir) ?? readGraph(fact("graph_ir"));
  const headSha = receipt?.snapshot_head_sha ?? fact("head_sha");
  const dirty = fact("dirty_files");
  const untracked = fact("untracked_files");
  const treeHash = fact("tree_hash");
  const workspace = fact("workspace");
  return {
    ...(receipt !== undefined && { startedAt: receipt.started_at, workflowPath: receipt.workflow_path }),
    ...(graph !== undefined && { graph }),
    ...(typeof headSha === "string" && { headSha }),
    ...(Array.isArray(dirty) && { uncommitted: [...textsOf(dirty), ...textsOf(untracked)] }),
    ...(typeof treeHash === "string" && { treeHash }),
    ...(typeof workspace === "string" && { workspace }),
    ...(receipt?.snapshot_path !== undefined && { snapshotPath: receipt.snapshot_path }),
    ...(receipt?.snapshot_of !== undefined && { snapshotOf: receipt.snapshot_of }),
    variables: textsOf(fact("variables")),
    statuses: new Map([
      ...(receipt?.executor_receipt.jobs ?? []).map((job) => [job.job_id, job.status] as const),
      ...keptJobs(fact("kept")).map((job) => [job, "kept"] as const),
    ]),
  };
}

function keptJobs(fact: unknown): readonly string[] {
  return typeof fact === "object" && fact !== null ? Object.keys(fact) : [];
}

/** What is read from disk may be anything. */
function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function isFact(event: LoomEvent): event is LogEvent {
  return (
    event.event === "log" &&
    ["graph_ir", "head_sha", "dirty_files", "tree_hash", "workspace", "variables"].some(
      (name) => event[name] !== undefined,
    )
  );
}
