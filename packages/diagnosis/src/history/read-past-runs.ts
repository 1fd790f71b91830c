import { relative } from "node:path";
import {
  jobDurations,
  listRuns,
  openRun,
  ownedRuns,
  readReceipt,
  type ReadError,
  type Receipt,
  type RunListing,
} from "@loom/artifacts";
import {
  type PAST_RUN_STATUSES,
  ok,
  readGraph,
  tolerates,
  type ErrorCode,
  type ForeignCode,
  type Result,
  type RunId,
} from "@loom/core";
import { readUnfinishedJobs } from "../explain/read-unfinished-jobs.ts";

/** A run of a project, as its documents tell of it. */
export interface PastRun {
  readonly runId: RunId;
  /** When it was started. Unix time in milliseconds. */
  readonly startedAtMs: number;
  /** `running`: somebody carries it out; `interrupted`: nobody does, and it did not end by itself. */
  readonly status: (typeof PAST_RUN_STATUSES)[number];
  readonly durationMs?: number;
  readonly exitCode?: number;
  /** The workflow file, relative to the project; empty where no receipt tells. */
  readonly workflow: string;
  /** How many jobs it was about: those that were not skipped. */
  readonly jobs: number;
  /** The jobs whose failure counts; the one that failed first is the first where that is known. */
  readonly failedJobs: readonly string[];
  /** Why it did not succeed. */
  readonly error?: { readonly code?: ErrorCode | ForeignCode; readonly message: string };
  /** Absolute; absent when the directory is gone. */
  readonly directory?: string;
  /** Absolute. */
  readonly receiptPath?: string;
  /** Durations of the jobs that succeeded, in milliseconds, by name. */
  readonly jobDurations: ReadonlyMap<string, number>;
}

/** How the past runs of a project are read. */
export interface PastRunsOptions {
  /** How many, the newest first. Default: all. */
  readonly limit?: number | undefined;
  /** Called with all that is known so far, whenever there is more. Default: nobody. */
  readonly onSome?: ((runs: readonly PastRun[]) => void) | undefined;
}

/** Runs that are read at a time. */
const BATCH = 20;

/**
 * Reads the runs of a project, newest first. One that cannot be read is there
 * with what its name tells.
 *
 * @param root - Absolute path of the project.
 * @returns Why the runs cannot be listed. None is an empty list.
 */
export async function readPastRuns(
  root: string,
  { limit, onSome }: PastRunsOptions = {},
): Promise<Result<readonly PastRun[], ReadError>> {
  const listed = await listRuns(root);
  if (!listed.ok) return listed;
  const alive = new Set(
    ownedRuns(root)
      .filter(({ owner }) => owner !== "dead")
      .map(({ runId }) => runId),
  );
  const wanted = listed.value.slice(0, limit);
  const runs: PastRun[] = [];
  for (let from = 0; from < wanted.length; from += BATCH) {
    const batch = wanted.slice(from, from + BATCH);
    runs.push(...(await Promise.all(batch.map((run) => readPastRun(run, root, alive.has(run.runId))))));
    onSome?.(runs.slice());
  }
  return ok(runs);
}

async function readPastRun(listing: RunListing, root: string, isAlive: boolean): Promise<PastRun> {
  const { runId, namedAtMs, directory, receiptPath } = listing;
  const known = {
    runId,
    ...(directory !== undefined && { directory }),
    ...(receiptPath !== undefined && { receiptPath }),
  };
  const read = receiptPath === undefined ? undefined : await readReceipt(receiptPath);
  const receipt = read?.ok === true ? read.value : undefined;
  // The documents of the run say more of a failure, and are there when the receipt could not be written.
  const isTold = receipt?.status === "success" || directory === undefined;
  const opened = isTold ? undefined : await openRun(directory);
  const run = opened?.ok === true ? opened.value : undefined;
  const [summary, manifest] = [await run?.runSummary(), await run?.pipelineManifest()];
  const end = summary?.ok === true ? summary.value : receipt;
  if (end === undefined) {
    // Without its documents, a run that is over is known by its streams.
    const left = isAlive || run === undefined ? undefined : await readUnfinishedJobs(run);
    const status = isAlive ? "running" : (left?.endedWith ?? "interrupted");
    const failedJobs = left?.endedWith === undefined ? [] : left.failed;
    const nothing = { workflow: "", jobs: 0, failedJobs, jobDurations: new Map<string, number>() };
    return { ...known, ...nothing, startedAtMs: namedAtMs, status };
  }
  const told = receipt && receiptFacts(receipt, root);
  const error = typeof end.error === "string" ? { message: end.error } : end.error;
  return {
    ...known,
    startedAtMs: Date.parse(end.started_at),
    status:
      error !== undefined && "code" in error && error.code === "interrupted" ? "interrupted" : end.status,
    durationMs: end.duration_ms,
    exitCode: end.exit_code,
    workflow: told?.workflow ?? "",
    jobs: told?.jobs ?? 0,
    failedJobs: (manifest?.ok === true ? manifest.value.failed_job_ids : told?.failedJobs) ?? [],
    jobDurations: told?.jobDurations ?? new Map(),
    ...(error !== undefined && { error }),
  };
}

function receiptFacts(
  receipt: Receipt,
  root: string,
): Pick<PastRun, "workflow" | "jobs" | "failedJobs" | "jobDurations"> {
  const { jobs } = receipt.executor_receipt;
  const nodes = readGraph(receipt.graph_ir)?.nodes ?? [];
  const allowed = new Map(nodes.map(({ id, allow_failure: mayFail }) => [id as string, mayFail]));
  return {
    workflow: relative(root, receipt.workflow_path),
    jobs: jobs.filter(({ status }) => status !== "skipped").length,
    failedJobs: jobs
      .filter(
        ({ job_id: id, status, exit_code: code }) => status === "failed" && !tolerates(allowed.get(id), code),
      )
      .map(({ job_id: id }) => id),
    jobDurations: jobDurations(receipt),
  };
}
