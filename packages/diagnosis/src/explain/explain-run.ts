import type { ReadError, RunReader } from "@loom/artifacts";
import { err, ok, type JobId, type Result } from "@loom/core";
import { PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH } from "@loom/record";
import type { Explanation, ExplainedOutcome, OtherFailure } from "./explanation.ts";
import { explainJobFailure, explainRunFailure, type FailureParts } from "./explain-failure.ts";
import { summarySentence } from "./explain-sentence.ts";
import { fitExplanation } from "./fit-explanation.ts";
import { nextCommands } from "./next-commands.ts";
import { readUnfinishedJobs } from "./read-unfinished-jobs.ts";
import type { RunDocuments } from "./run-documents.ts";

/** What the caller knows beside the run's files. */
export interface ExplainOptions {
  /** Whether the process that runs it is alive; `undefined` where that is not known. Asked only of a run without an end. */
  readonly isAlive?: boolean | undefined;
  /** Explains the failure of this job, which may be one that does not count. Default: the failure that decided. */
  readonly jobId?: JobId | undefined;
}

/**
 * Explains why a run stands as it does.
 *
 * Reads the small documents from the run's summary down to the failing job and
 * the end of the one stream that shows the failure, 256 KiB of it at most. A
 * document that is missing or damaged is named in `notes`, and the rest is
 * explained without it.
 *
 * @returns What {@link Explanation} promises; or the first error when nothing of the run can be read.
 */
export async function explainRun(
  run: RunReader,
  options: ExplainOptions = {},
): Promise<Result<Explanation, ReadError>> {
  const notes: string[] = [];
  const note = <T>(read: Result<T, ReadError>): T | undefined => {
    if (read.ok) return read.value;
    if (read.error.code !== "ARTIFACTS_NOT_FOUND") notes.push(read.error.message);
    return undefined;
  };
  const [summaryRead, pipelineRead, manifestRead] = await Promise.all([
    run.runSummary(),
    run.pipelineSummary(),
    run.pipelineManifest(),
  ]);
  const summary = note(summaryRead);
  const pipeline = note(pipelineRead);
  const manifest = note(manifestRead);
  const known = summary !== undefined || pipeline !== undefined || manifest !== undefined;
  const unfinished = known ? undefined : await readUnfinishedJobs(run);
  if (!known && !summaryRead.ok && notes.length > 0 && unfinished?.lastChangeAt === undefined) {
    return err(summaryRead.error);
  }
  const documents: RunDocuments = {
    ...(summary !== undefined && { summary }),
    ...(pipeline !== undefined && { pipeline }),
    ...(manifest !== undefined && { manifest }),
    ...(unfinished !== undefined && { unfinished }),
  };
  const outcome = outcomeOf(documents, options);
  const parts =
    options.jobId === undefined
      ? await failureParts(run, documents, { outcome, notes })
      : await explainJobFailure(run, options.jobId, { manifest, notes });
  return ok(fitExplanation(assemble(run, documents, { outcome, parts, notes })));
}

function outcomeOf(
  { summary, pipeline, manifest }: RunDocuments,
  { isAlive }: ExplainOptions,
): ExplainedOutcome {
  const ended = summary ?? pipeline;
  if (ended?.error?.code === "interrupted") return "interrupted";
  const status = ended?.status ?? manifest?.status;
  if (status !== undefined) return status;
  if (isAlive === undefined) return "unfinished";
  return isAlive ? "running" : "interrupted";
}

async function failureParts(
  run: RunReader,
  documents: RunDocuments,
  context: { readonly outcome: ExplainedOutcome; readonly notes: string[] },
): Promise<FailureParts | undefined> {
  const { summary, pipeline, manifest, unfinished } = documents;
  const error = summary?.error ?? pipeline?.error;
  const jobId = error?.job_id ?? manifest?.failing_job_id ?? unfinished?.failed[0];
  if (jobId !== undefined) return explainJobFailure(run, jobId, { manifest, notes: context.notes });
  // How the run was ended is no failure of anything in it.
  if (error === undefined || context.outcome !== "failure") return undefined;
  return explainRunFailure(error);
}

function assemble(
  run: RunReader,
  documents: RunDocuments,
  found: {
    readonly outcome: ExplainedOutcome;
    readonly parts: FailureParts | undefined;
    readonly notes: readonly string[];
  },
): Explanation {
  const { summary, pipeline, manifest, unfinished } = documents;
  const { outcome, parts, notes } = found;
  const ended = summary ?? pipeline;
  const failingJob = parts?.failure.job_id;
  const jobs = manifest?.jobs ?? [];
  const blocked = jobs
    .filter((job) => failingJob !== undefined && (job.blocked_by?.includes(failingJob as JobId) ?? false))
    .map((job) => job.job_id);
  const others = otherFailures(documents, failingJob);
  const stopped =
    unfinished?.running ?? jobs.filter((job) => job.status === "cancelled").map((job) => job.job_id);
  return {
    schema_version: "v1",
    kind: "loom-explanation",
    run_id: run.runId,
    run_dir: run.directory,
    outcome,
    ...(ended !== undefined && { exit_code: ended.exit_code }),
    summary: summarySentence(documents, { outcome, parts }),
    ...(ended !== undefined && { started_at: ended.started_at, duration_ms: ended.duration_ms }),
    ...(pipeline !== undefined && { job_counts: pipeline.job_counts }),
    ...(parts !== undefined && { failure: parts.failure }),
    errors: parts?.errors ?? [],
    errors_total: parts?.errors.length ?? 0,
    lines: parts?.lines ?? [],
    lines_total: parts?.linesTotal ?? 0,
    lines_read: parts?.linesRead ?? 0,
    blocked,
    blocked_total: blocked.length,
    other_failures: others,
    other_failures_total: others.length,
    stopped,
    stopped_total: stopped.length,
    open: parts?.open ?? defaultFiles(documents),
    next: nextCommands(run.runId, { outcome, failure: parts?.failure, isClosed: ended !== undefined }),
    notes,
    truncated: false,
  };
}

function otherFailures(
  { manifest, unfinished }: RunDocuments,
  failingJob: string | undefined,
): OtherFailure[] {
  if (manifest === undefined) {
    const failed = unfinished?.failed ?? [];
    return failed.filter((job) => job !== failingJob).map((job) => ({ job_id: job, blocking: true }));
  }
  return manifest.jobs
    .filter((job) => job.status === "failed" && job.job_id !== failingJob)
    .map((job) => ({
      job_id: job.job_id,
      ...(job.exit_code !== undefined && { exit_code: job.exit_code }),
      blocking: job.blocking,
    }));
}

function defaultFiles({ summary, pipeline, manifest }: RunDocuments): readonly string[] {
  const files = [
    ...(summary === undefined ? [] : ["summary.json"]),
    ...(pipeline === undefined ? [] : [PIPELINE_SUMMARY_PATH]),
    ...(manifest === undefined ? [] : [PIPELINE_MANIFEST_PATH]),
  ];
  return files.length === 3 ? files : [...files, "events.jsonl", "pipeline/events.jsonl"];
}
