import { relative } from "node:path";
import type { RunReader } from "@loom/artifacts";
import { epochMs, jobsNamed } from "@loom/core";
import {
  compiledJobs,
  explainJob,
  explainRun,
  explanationLines,
  readRunningWork,
  readTimeline,
  type ChangesOptions,
  type Explanation,
  type JobExplanation,
  type RunningWork,
} from "@loom/diagnosis";
import { changesOptions } from "../changes-options.ts";
import { EXIT_CODE } from "../exit-code.ts";
import type { OpenedRun } from "../open-past-run.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { createRunnerGuard } from "../runner-guard.ts";

/** Failed jobs that are explained at a time; the rest is counted. */
const MOST = 10;

/** One job: how it came to run or not, and, where it failed, why. */
interface ExplainedJob {
  readonly job: JobExplanation;
  readonly failure: Explanation | undefined;
  readonly running: RunningWork | undefined;
}

/**
 * Says of one job, or of every one that failed, why it ran, waited, was skipped or failed.
 *
 * @returns 0 explained; 1 the run cannot be read; 2 it has no such job.
 */
export async function explainJobs(
  opened: OpenedRun,
  wanted: { readonly job: string } | "all failed",
  io: ProcessIo & { readonly json: boolean },
): Promise<number> {
  const { stdout, stderr, env, cwd, json } = io;
  const { run } = opened;
  const timeline = await readTimeline(run);
  if (!timeline.ok) {
    stderr.write(`loom: ${timeline.error.message}\n`);
    return EXIT_CODE.failure;
  }
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
      const { jobsInstead } = await import("@loom/runner/workflow");
      const known = jobs.map(({ jobId }) => jobId);
      stderr.write(
        `loom: Cannot explain job "${name}": the run has no such job. ${jobsInstead(name, known)}\n`,
      );
      return EXIT_CODE.usage;
    }
    explained.push(await explainOne(opened, job, { hasFailed: toldFailures.has(job.jobId), changes }));
  }
  const guard = createRunnerGuard({ env });
  if (json) {
    const common = { schema_version: "v1", run_id: run.runId };
    const [only] = explained;
    const data =
      wanted === "all failed" || only === undefined
        ? {
            ...common,
            kind: "loom-failures",
            failures: explained.map(jobData),
            failures_total: failed.length,
          }
        : matrix.length > 0
          ? { ...common, kind: "loom-job-explanations", job: wanted.job, jobs: explained.map(jobData) }
          : { ...common, kind: "loom-job-explanation", ...jobData(only) };
    stdout.write(guard.json(formatJson(data)));
    return EXIT_CODE.success;
  }
  const runDir = relative(cwd, run.directory) || ".";
  const blocks = explained.map((each) => jobLines(each, runDir));
  const text = blocks.map((lines) => lines.join("\n"));
  if (text.length === 0) text.push("No job failed");
  if (wanted === "all failed" && failed.length > MOST)
    text.push(`… and ${failed.length - MOST} more jobs failed`);
  // Sentences alone need no room between them.
  const between = blocks.every(({ length }) => length === 1) ? "\n" : "\n\n\n";
  stdout.write(guard.text(printable(`${text.join(between)}\n`)));
  return EXIT_CODE.success;
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

function jobLines({ job, failure, running }: ExplainedJob, runDir: string): readonly string[] {
  const [, ...details] =
    failure === undefined ? [] : explanationLines({ ...failure, ...NOTHING_ELSE }, { runDir });
  const { step, command, last_line: last, silent_ms: silent } = running ?? {};
  const at = step === undefined ? [] : [`step ${step}: ${command ?? ""}`];
  const quiet = silent === undefined ? "" : ` (silent for ${Math.round(silent / 1000)} s)`;
  const said = last === undefined ? [] : [`last line${quiet}: ${last}`];
  return [job.sentence, ...at, ...said, ...details];
}

/** An explanation of one failure says nothing of the run around it. */
const NOTHING_ELSE = {
  outcome: "failure",
  other_failures: [],
  other_failures_total: 0,
  stopped: [],
  next: [],
} as const;

function jobData({ job, failure, running }: ExplainedJob): object {
  const { jobId, fate, readyMs, startedMs, durationMs, waits, reason, blockedBy, keptFrom, sentence } = job;
  return {
    job_id: jobId,
    fate,
    summary: sentence,
    kept_from: keptFrom,
    ready_ms: readyMs,
    started_ms: startedMs,
    duration_ms: durationMs,
    waits: waits.map(({ kind, waitedMs, jobId: other }) => ({ kind, waited_ms: waitedMs, job_id: other })),
    reason,
    blocked_by: blockedBy,
    ...(running !== undefined && { running }),
    ...(failure !== undefined && {
      failure: failure.failure,
      errors: failure.errors,
      errors_total: failure.errors_total,
      lines: failure.lines,
      lines_total: failure.lines_total,
      lines_read: failure.lines_read,
      changed: failure.changed,
      seen_before: failure.seen_before,
      open: failure.open,
      open_bytes: failure.open_bytes,
      next: failure.next,
      notes: failure.notes,
    }),
  };
}
