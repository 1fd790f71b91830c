import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { listRuns, type Receipt } from "@loom/artifacts";
import type { PastRun } from "./past-run.ts";

/** Receipts that are read; the list goes no further back. */
const MOST_RUNS = 500;

/** Receipts read at a time. */
const BATCH = 20;

/**
 * The runs of a project, newest first, as their receipts tell of them.
 *
 * @param root - Absolute path of the project.
 * @param onSome - Called with all that is known so far, batch by batch.
 */
export async function listPastRuns(root: string, onSome: (runs: readonly PastRun[]) => void): Promise<void> {
  const listed = await listRuns(root);
  if (!listed.ok) return;
  const runs: PastRun[] = [];
  const wanted = listed.value.slice(0, MOST_RUNS);
  for (let from = 0; from < wanted.length; from += BATCH) {
    const batch = await Promise.all(
      wanted.slice(from, from + BATCH).map(async (run) => {
        const receipt = run.receiptPath === undefined ? undefined : await readReceipt(run.receiptPath);
        const { directory, receiptPath, runId, namedAtMs } = run;
        const places = {
          ...(directory !== undefined && { directory }),
          ...(receiptPath !== undefined && { receiptPath }),
        };
        return receipt === undefined
          ? unfinished(runId, namedAtMs, places)
          : { runId, ...places, startedAtMs: namedAtMs, ...fromReceipt(receipt, root) };
      }),
    );
    runs.push(...batch);
    onSome(runs.slice());
  }
}

type Places = Pick<PastRun, "directory" | "receiptPath">;

function unfinished(runId: string, startedAtMs: number, places: Places): PastRun {
  return {
    runId,
    startedAtMs,
    status: "unfinished",
    workflow: "",
    jobs: 0,
    failedJobs: [],
    jobDurations: new Map(),
    ...places,
  };
}

function fromReceipt(receipt: Receipt, root: string): Omit<PastRun, "runId" | "startedAtMs"> {
  const jobs = receipt.executor_receipt.jobs;
  const allowed = new Set(
    receipt.graph_ir.nodes.filter((node) => node.allow_failure === true).map((node) => node.id),
  );
  const failed = jobs.filter((job) => job.status === "failed" && !allowed.has(job.job_id));
  const durations = jobs.flatMap((job) =>
    job.status === "success" && job.duration_ms !== undefined
      ? [[job.job_id as string, job.duration_ms] as const]
      : [],
  );
  return {
    status: receipt.status,
    durationMs: receipt.duration_ms,
    workflow: relative(root, receipt.workflow_path),
    jobs: jobs.filter((job) => job.status !== "skipped").length,
    failedJobs: failed.map((job) => job.job_id),
    ...(receipt.error !== undefined && { error: receipt.error.split("\n")[0] ?? "" }),
    jobDurations: new Map(durations),
  };
}

async function readReceipt(path: string): Promise<Receipt | undefined> {
  try {
    const receipt = JSON.parse(await readFile(path, "utf8")) as Receipt;
    return Array.isArray(receipt.executor_receipt.jobs) && Array.isArray(receipt.graph_ir.nodes)
      ? receipt
      : undefined;
  } catch {
    // Cut off, or of another kind: the run is listed as one that has none.
    return undefined;
  }
}
