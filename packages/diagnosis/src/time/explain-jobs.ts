import type { ReadError, RunReader } from "@loom/artifacts";
import { epochMs, err, jobsNamed, ok, type Result } from "@loom/core";
import type { GitOptions } from "@loom/system";
import { changesOptions } from "../changes/changes-options.ts";
import type { ChangesOptions } from "../changes/changes-since.ts";
import { explainRun } from "../explain/explain-run.ts";
import type { Explanation, RunningWork } from "../explain/explanation.ts";
import { readRunningWork } from "../explain/read-running-work.ts";
import { compiledJobs } from "../log/compiled-jobs.ts";
import type { OpenedRun } from "../open/open-past-run.ts";
import { explainJob, type JobExplanation } from "./explain-job.ts";
import { readTimeline } from "./read-timeline.ts";

/** Failed jobs that are explained at a time; the rest is counted. */
const MOST = 10;

/** One job: how it came to run or not, and, where it failed, why. */
export interface ExplainedJob {
  readonly job: JobExplanation;
  readonly failure: Explanation | undefined;
  readonly running: RunningWork | undefined;
}

/** What is said of the jobs that were asked for. */
export interface ExplainedJobs {
  readonly jobs: readonly ExplainedJob[];
  /** How many jobs of the run failed. */
  readonly failed: number;
  /** Whether the name that was asked for is that of a matrix. */
  readonly isMatrix: boolean;
}

/** Why jobs cannot be explained: the evidence cannot be read, or the run has no such job. */
export type ExplainJobsError =
  | ReadError
  | {
      readonly code: "JOB_NOT_FOUND";
      /** A clause, to which advice can be added. */
      readonly message: string;
      /** The jobs that the run has. */
      readonly known: readonly string[];
    };

/** Says of one job, or of every one that failed (10 at most), why it ran, waited, was skipped or failed. */
export async function explainJobs(
  opened: OpenedRun,
  wanted: { readonly job: string } | "all failed",
  env: GitOptions["env"],
): Promise<Result<ExplainedJobs, ExplainJobsError>> {
  const { run } = opened;
  const timeline = await readTimeline(run);
  if (!timeline.ok) return timeline;
  const { jobs } = timeline.value;
  const failed = jobs.filter(({ status }) => status === "failed").map(({ jobId }) => jobId);
  const matrix = wanted === "all failed" ? [] : await jobsOfMatrix(run, wanted.job);
  const names = wanted === "all failed" ? failed.slice(0, MOST) : matrix.length > 0 ? matrix : [wanted.job];
  // Of the failures of a large matrix, the first say enough.
  const toldFailures = new Set(names.filter((name) => failed.some((id) => id === name)).slice(0, MOST));
  // Of all jobs the same, and only a failure is asked what changed.
  const changes = failed.length > 0 ? await changesOptions(run, env) : undefined;
  const explained: ExplainedJob[] = [];
  for (const name of names) {
    const job = explainJob(timeline.value, name);
    if (job === undefined) {
      const message = `Cannot explain job "${name}": the run has no such job`;
      return err({ code: "JOB_NOT_FOUND", message, known: jobs.map(({ jobId }) => jobId) });
    }
    explained.push(await explainOne(opened, job, { hasFailed: toldFailures.has(job.jobId), changes }));
  }
  return ok({ jobs: explained, failed: failed.length, isMatrix: matrix.length > 0 });
}

/** The jobs that a name means that is not a job's own, but that of a matrix. */
async function jobsOfMatrix(run: RunReader, name: string): Promise<readonly string[]> {
  const nodes = await compiledJobs(run);
  return nodes.some(({ id }) => id === name) ? [] : jobsNamed([name], nodes);
}

async function explainOne(
  { run, isAlive }: OpenedRun,
  job: JobExplanation,
  { hasFailed, changes }: { readonly hasFailed: boolean; readonly changes: ChangesOptions | undefined },
): Promise<ExplainedJob> {
  const { jobId } = job;
  const alive = isAlive();
  const failure = hasFailed ? await explainRun(run, { isAlive: alive, jobId, changes }) : undefined;
  const [running] =
    job.fate === "running" || job.fate === "cancelled"
      ? await readRunningWork(run, [jobId], alive ? epochMs(Date.now()) : undefined)
      : [];
  return { job, failure: failure?.ok === true ? failure.value : undefined, running };
}
