import type { JobManifest, ManifestJob, ReadError, RunReader } from "@loom/artifacts";
import { ok, type JobId, type PhaseStatus, type Result } from "@loom/core";
import type { Git } from "@loom/system";
import { compareCommits, type CommitChanges } from "../changes/compare-commits.ts";
import { compareJob } from "../changes/compare-job.ts";
import { readRunFacts } from "../changes/read-run-facts.ts";

/** How a job came out in one of two runs: one that kept its result, as it did in the run before. */
export interface DiffedResult {
  /** `absent`: the run has no such job. */
  readonly status: PhaseStatus | "absent";
  readonly exitCode?: number;
  readonly durationMs?: number;
}

/** A job that differs between two runs. */
export interface DiffedJob {
  readonly jobId: JobId;
  readonly before: DiffedResult;
  readonly after: DiffedResult;
  /** Keys of its definition that differ, `script` for example, in alphabetical order. */
  readonly fields: readonly string[];
  /** Variables that differ; values are not told, they may be secret. */
  readonly variables: readonly string[];
  /** Paths of artifacts that only one of them has, or that differ. */
  readonly artifacts: readonly string[];
  /** Milliseconds that it took longer, below 0 for less; only where that is more than noise. */
  readonly slowerMs?: number;
}

/** Two runs side by side. */
export interface RunDiff {
  readonly before: { readonly runId: string; readonly status: string };
  readonly after: { readonly runId: string; readonly status: string };
  readonly commits: CommitChanges;
  /** What was not committed in each, where that is known. */
  readonly uncommitted: { readonly before?: readonly string[]; readonly after?: readonly string[] };
  /** Whether both saw the same contents; absent where that is not known. */
  readonly sameTree?: boolean;
  /** In declaration order of the second run, then of the first. */
  readonly jobs: readonly DiffedJob[];
  /** How many jobs are as they were. */
  readonly same: number;
}

/** A job that took a fifth more or less, and half a second, differs by more than noise. */
const NOISE_SHARE = 0.2;
const NOISE_MS = 500;

/**
 * Compares two runs: their jobs, and the commits and files between them.
 *
 * @param git - Of the repository; absent: commits are not compared.
 * @returns The first error when the jobs of one cannot be read.
 */
export async function diffRuns(
  before: RunReader,
  after: RunReader,
  git?: Git,
): Promise<Result<RunDiff, ReadError>> {
  const [old, now] = await Promise.all([before.pipelineManifest(), after.pipelineManifest()]);
  if (!old.ok) return old;
  if (!now.ok) return now;
  const [factsBefore, factsAfter] = await Promise.all([readRunFacts(before), readRunFacts(after)]);
  const commits = await compareCommits(factsBefore.headSha, factsAfter.headSha, git);
  const known = new Map(old.value.jobs.map((job) => [job.job_id, job]));
  const current = new Map(now.value.jobs.map((job) => [job.job_id, job]));
  const ids = [...new Set([...current.keys(), ...known.keys()])];
  const jobs: DiffedJob[] = [];
  for (const jobId of ids) {
    const { status, fields, variables } = compareJob(jobId, factsBefore.graph, factsAfter.graph);
    const job: DiffedJob = {
      jobId,
      before: resultOf(known.get(jobId)),
      after: resultOf(current.get(jobId)),
      fields: status === "changed" ? fields : [],
      variables,
      artifacts: await artifactChanges(before, after, jobId),
      ...slower(known.get(jobId), current.get(jobId)),
    };
    if (differs(job)) jobs.push(job);
  }
  return ok({
    before: { runId: before.runId, status: old.value.status },
    after: { runId: after.runId, status: now.value.status },
    commits,
    uncommitted: {
      ...(factsBefore.uncommitted !== undefined && { before: factsBefore.uncommitted }),
      ...(factsAfter.uncommitted !== undefined && { after: factsAfter.uncommitted }),
    },
    ...(factsBefore.treeHash !== undefined &&
      factsAfter.treeHash !== undefined && { sameTree: factsBefore.treeHash === factsAfter.treeHash }),
    jobs,
    same: ids.length - jobs.length,
  });
}

function resultOf(job: ManifestJob | undefined): DiffedResult {
  if (job === undefined) return { status: "absent" };
  const { status, exit_code: exitCode, duration_ms: durationMs, kept_from: keptFrom } = job;
  if (keptFrom !== undefined) return { status: "success", exitCode: 0 };
  return {
    status,
    ...(exitCode !== undefined && { exitCode }),
    ...(durationMs !== undefined && { durationMs }),
  };
}

/** Of jobs that came out alike: one that fails early is not faster. */
function slower(
  before: ManifestJob | undefined,
  after: ManifestJob | undefined,
): Pick<DiffedJob, "slowerMs"> {
  const [old, now] = [before?.duration_ms, after?.duration_ms];
  if (old === undefined || now === undefined || before?.status !== after?.status) return {};
  const slowerMs = now - old;
  return Math.abs(slowerMs) > Math.max(NOISE_MS, old * NOISE_SHARE) ? { slowerMs } : {};
}

function differs({ before, after, fields, variables, artifacts, slowerMs }: DiffedJob): boolean {
  return (
    before.status !== after.status ||
    before.exitCode !== after.exitCode ||
    [fields, variables, artifacts].some((list) => list.length > 0) ||
    slowerMs !== undefined
  );
}

/** Nothing where one of the two cannot be read, or kept what an earlier run collected. */
async function artifactChanges(
  before: RunReader,
  after: RunReader,
  jobId: JobId,
): Promise<readonly string[]> {
  const [old, now] = await Promise.all([before.jobManifest(jobId), after.jobManifest(jobId)]);
  if (!old.ok || !now.ok) return [];
  if (old.value.kept_from !== undefined || now.value.kept_from !== undefined) return [];
  const [had, has] = [hashesOf(old.value), hashesOf(now.value)];
  return [...new Set([...had.keys(), ...has.keys()])]
    .filter((path) => had.get(path) !== has.get(path))
    .toSorted();
}

function hashesOf({ artifacts }: JobManifest): ReadonlyMap<string, string> {
  return new Map(artifacts?.files.map(({ path, sha256 }) => [path, sha256]));
}
