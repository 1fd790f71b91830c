import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ReadError, RunReader } from "@loom/artifacts";
import { err, jobId, ok, type EpochMs, type JobId, type Result } from "@loom/core";
import { PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH } from "@loom/record";
import { changesAmong, type ChangesOptions } from "../changes/changes-since.ts";
import { EarlierRuns } from "../changes/earlier-runs.ts";
import { criticalPath, type CriticalJob } from "../time/time-report.ts";
import type { Timeline } from "../time/timeline.ts";
import type { ExplainedOutcome, Explanation, OtherFailure, RunningWork } from "./explanation.ts";
import { explainedChanges } from "./explain-changes.ts";
import { explainJobFailure, explainRunFailure, type FailureParts } from "./explain-failure.ts";
import { failureSentence, summarySentence } from "./explain-sentence.ts";
import { fitExplanation } from "./fit-explanation.ts";
import { nextCommands } from "./next-commands.ts";
import { readRunningWork } from "./read-running-work.ts";
import { readUnfinishedJobs } from "./read-unfinished-jobs.ts";
import type { RunDocuments } from "./run-documents.ts";
import { seenBefore } from "./seen-before.ts";

/** What the caller knows beside the run's files. */
export interface ExplainOptions {
  /** Whether the process that runs it is alive; `undefined` where that is not known. Asked only of a run without an end. */
  readonly isAlive?: boolean | undefined;
  /**
   * Explains the failure of this job alone, which may be one that does not count: other failures are only listed, and
   * what ran is not told. Default: the failure that decided, and the run around it.
   */
  readonly jobId?: JobId | undefined;
  /** Where earlier runs are: then what changed since the failing job passed is explained, too. Default: it is not. */
  readonly changes?: ChangesOptions | undefined;
  /** What happened when: then the critical path is told. Default: it is not. */
  readonly timeline?: Timeline | undefined;
  /** The time, for how long a run under way has been silent. Default: that is not told. */
  readonly nowMs?: EpochMs | undefined;
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
  const isOneJob = options.jobId !== undefined;
  const running = isOneJob
    ? []
    : await readRunningWork(
        run,
        runningJobs(documents, outcome),
        outcome === "running" ? options.nowMs : undefined,
      );
  const others = otherFailures(documents, parts?.failure.job_id);
  const told = isOneJob ? others : await explainFirst(run, others, manifest);
  const failing = parts?.failure.job_id;
  const before =
    options.changes === undefined || failing === undefined || parts === undefined
      ? undefined
      : await explainBefore(run, { jobId: jobId(failing), parts, options: options.changes });
  const path = options.timeline === undefined ? [] : criticalPath(options.timeline);
  const found = { outcome, parts, isOneJob, notes, running, others: told, before, path };
  const whole = assemble(run, documents, found);
  const sizes = await Promise.all(whole.open.map((file) => sizeOf(join(run.directory, file))));
  return ok(fitExplanation({ ...whole, open_bytes: sizes }));
}

/** What earlier runs tell of a failure. */
type Before = Pick<Explanation, "changed" | "seen_before">;

async function explainBefore(
  run: RunReader,
  {
    jobId: failing,
    parts,
    options,
  }: { readonly jobId: JobId; readonly parts: FailureParts; readonly options: ChangesOptions },
): Promise<Before> {
  const earlier = new EarlierRuns(run, options);
  const seen = await seenBefore(failing, parts, earlier);
  return {
    changed: explainedChanges(await changesAmong(earlier, failing, options.git), parts.errors),
    ...(seen !== undefined && { seen_before: seen }),
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return -1;
  }
}

/** The jobs that a stop, the end of Loom or nothing so far has ended. */
function runningJobs({ unfinished, manifest }: RunDocuments, outcome: ExplainedOutcome): readonly JobId[] {
  if (outcome === "success" || outcome === "failure") return [];
  if (unfinished !== undefined) return unfinished.running;
  return (manifest?.jobs ?? []).flatMap(({ status, job_id: id }) => (status === "cancelled" ? [id] : []));
}

function outcomeOf(
  { summary, pipeline, manifest, unfinished }: RunDocuments,
  { isAlive }: ExplainOptions,
): ExplainedOutcome {
  const ended = summary ?? pipeline;
  if (ended?.error?.code === "interrupted") return "interrupted";
  const status = ended?.status ?? manifest?.status;
  if (status !== undefined) return status;
  // Its documents are lost, and its streams are not.
  if (unfinished?.endedWith !== undefined) return unfinished.endedWith;
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
  const jobId = error?.job_id ?? manifest?.failing_job_id ?? unfinished?.failed[0] ?? unfinished?.held[0];
  // A job that is held has no documents yet, which is no loss.
  const notes = unfinished?.held.some((job) => job === jobId) === true ? [] : context.notes;
  if (jobId !== undefined) return explainJobFailure(run, jobId as JobId, { manifest, notes });
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
    readonly isOneJob: boolean;
    readonly notes: readonly string[];
    readonly running: readonly RunningWork[];
    readonly others: readonly OtherFailure[];
    readonly before: Before | undefined;
    readonly path: readonly CriticalJob[];
  },
): Explanation {
  const { summary, pipeline, manifest, unfinished } = documents;
  const { outcome, parts, isOneJob, notes, running, others, before, path } = found;
  const ended = summary ?? pipeline;
  const failingJob = parts?.failure.job_id;
  const jobs = manifest?.jobs ?? [];
  const blocked = jobs
    .filter((job) => failingJob !== undefined && (job.blocked_by?.includes(failingJob as JobId) ?? false))
    .map((job) => job.job_id);
  const stopped =
    (outcome === "running" ? [] : unfinished?.running) ??
    jobs.filter((job) => job.status === "cancelled").map((job) => job.job_id);
  return {
    schema_version: "v1",
    kind: "loom-explanation",
    run_id: run.runId,
    run_dir: run.directory,
    outcome,
    ...(ended !== undefined && { exit_code: ended.exit_code }),
    summary:
      isOneJob && parts !== undefined
        ? failureSentence(parts.failure, documents)
        : summarySentence(documents, { outcome, parts }),
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
    ...(running.length > 0 && { running }),
    ...before,
    ...(path.length > 0 && {
      critical_path: path.map(({ jobId, durationMs }) => ({ job_id: jobId, duration_ms: durationMs })),
    }),
    open: parts?.open ?? defaultFiles(documents),
    open_bytes: [],
    next: nextCommands(run.runId, {
      outcome,
      failure: parts?.failure,
      linesTotal: parts?.linesTotal ?? 0,
      running: running[0],
      isClosed: ended !== undefined,
      isHeld: failingJob !== undefined && unfinished?.held.includes(failingJob as JobId) === true,
    }),
    notes,
    truncated: false,
  };
}

/** Of how many other failures the cause is told; each costs as much as the first one. */
const EXPLAINED_OTHERS = 5;

function otherFailures(
  { manifest, unfinished }: RunDocuments,
  failingJob: string | undefined,
): readonly OtherFailure[] {
  const failed: OtherFailure[] =
    manifest === undefined
      ? (unfinished?.failed ?? []).map((job) => ({ job_id: job, blocking: true }))
      : manifest.jobs
          .filter((job) => job.status === "failed")
          .map((job) => ({
            job_id: job.job_id,
            ...(job.exit_code !== undefined && { exit_code: job.exit_code }),
            blocking: job.blocking,
          }));
  return failed.filter(({ job_id: job }) => job !== failingJob);
}

/** Tells what the first of them failed at. */
async function explainFirst(
  run: RunReader,
  others: readonly OtherFailure[],
  manifest: RunDocuments["manifest"],
): Promise<readonly OtherFailure[]> {
  const explained = await Promise.all(
    others.slice(0, EXPLAINED_OTHERS).map(async (other): Promise<OtherFailure> => {
      // What of it cannot be read is no fault of the run that is explained.
      const { failure, errors } = await explainJobFailure(run, jobId(other.job_id), { manifest, notes: [] });
      const { step, command, name, limit } = failure;
      const [error] = errors;
      return {
        ...other,
        ...(step !== undefined && { step }),
        ...(command !== undefined && { command }),
        ...(name !== undefined && { name }),
        ...(limit !== undefined && { limit }),
        ...(error !== undefined && { error }),
      };
    }),
  );
  return [...explained, ...others.slice(EXPLAINED_OTHERS)];
}

function defaultFiles({ summary, pipeline, manifest }: RunDocuments): readonly string[] {
  const files = [
    ...(summary === undefined ? [] : ["summary.json"]),
    ...(pipeline === undefined ? [] : [PIPELINE_SUMMARY_PATH]),
    ...(manifest === undefined ? [] : [PIPELINE_MANIFEST_PATH]),
  ];
  return files.length === 3 ? files : [...files, "events.jsonl", "pipeline/events.jsonl"];
}
