import { listRuns, openRun, type RunReader } from "@loom/artifacts";
import { readRunFacts } from "@loom/diagnosis";
import { runWorkflow, WorkflowError } from "@loom/runner";
import type { TryVerdict } from "./search.ts";

/** What came of a commit. */
export interface Try {
  readonly sha: string;
  readonly verdict: TryVerdict;
  /** Why nothing can be said of it; only when it was skipped. */
  readonly reason?: string;
  /** The run that tells; absent when there was none. */
  readonly runId?: string;
  /** Absolute path of its evidence. */
  readonly runDirectory?: string;
}

/** What is tried, and how. */
export interface TryOptions {
  readonly job: string;
  /** Absolute: a folder of the project. */
  readonly cwd: string;
  readonly workflow?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly command: readonly string[];
  readonly loomVersion: string;
  readonly signal: AbortSignal;
}

/** Runs the job on a commit. @returns `undefined` when it was stopped. */
export async function tryCommit(sha: string, options: TryOptions): Promise<Try | undefined> {
  const { job, ...rest } = options;
  try {
    // One job at a time: the slots are for commits.
    const run = await runWorkflow({ ...rest, revision: sha, jobs: [job], concurrency: 1 });
    if (run.status === "cancelled") return undefined;
    const opened = await openRun(run.runDirectory);
    const { runId, runDirectory } = run;
    const judged = opened.ok
      ? await judge(opened.value, job)
      : ({ verdict: "skipped", reason: "its evidence cannot be read" } as const);
    return { sha, runId, runDirectory, ...judged };
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    return { sha, verdict: "skipped", reason: error.message };
  }
}

async function judge(run: RunReader, job: string): Promise<Pick<Try, "verdict" | "reason">> {
  const manifest = await run.pipelineManifest();
  const row = manifest.ok ? manifest.value.jobs.find(({ job_id: id }) => id === job) : undefined;
  if (row?.status === "success") return { verdict: "good" };
  if (row?.status === "failed") {
    const steps = await run.jobManifest(job);
    // What Loom itself could not do for the job says nothing about the commit.
    const section = steps.ok ? steps.value.failing_section : undefined;
    return section === undefined || section === "execution"
      ? { verdict: "bad" }
      : { verdict: "skipped", reason: `the job could not be set up (${section})` };
  }
  if (row?.blocked_by !== undefined)
    return { verdict: "skipped", reason: `${row.blocked_by.join(", ")} failed before it` };
  const summary = await run.pipelineSummary();
  const why = summary.ok ? summary.value.error?.message : undefined;
  return { verdict: "skipped", reason: why?.split("\n")[0] ?? "the job did not run" };
}

/** Runs that are looked at for tries made earlier. */
const MOST_RUNS = 500;

/**
 * Finds what earlier tries found out: a run of a commit stays true, as all that
 * it was about is in the commit. So a search that was stopped goes on.
 *
 * @param root - Absolute path of the project.
 */
export async function earlierTries(
  root: string,
  job: string,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Try>> {
  const tries = new Map<string, Try>();
  const runs = await listRuns(root);
  for (const { directory, receiptPath, runId } of runs.ok ? runs.value.slice(0, MOST_RUNS) : []) {
    if (directory === undefined || receiptPath === undefined) continue;
    const opened = await openRun(directory);
    if (!opened.ok) continue;
    const { snapshotOf, headSha, variables, statuses } = await readRunFacts(opened.value);
    if (snapshotOf !== "commit" || headSha === undefined || variables.length > 0) continue;
    if (
      !wanted.has(headSha) ||
      tries.has(headSha) ||
      !["success", "failed"].includes(statuses.get(job) ?? "")
    )
      continue;
    const judged = await judge(opened.value, job);
    if (judged.verdict !== "skipped")
      tries.set(headSha, { sha: headSha, runId, runDirectory: directory, ...judged });
  }
  return tries;
}
