import { readRecords, type JobManifest, type ReadError, type RunReader } from "@loom/artifacts";
import { epochMs, ok, type EpochMs, type Result } from "@loom/core";
import {
  changesOptions,
  compiledJobs,
  explainJobs,
  explainRun,
  readLog,
  readTimeline,
  timelineOf,
  type Explanation,
  type OpenedRun,
} from "@loom/diagnosis";
import { RunSpans, RunTable, wireTime, type RunSpan } from "@loom/record";
import { packLog, type PackedLog } from "./packed-log.ts";
import type { ReportData } from "./report-data.ts";
import { reportData } from "./report-data-of.ts";

/** Room for the log of a job in a report, before it is compressed. Source: the loom command names what is left out. */
export const JOB_LOG_BYTES: number = 2 * 1024 * 1024;

/** Room for all logs, before they are compressed: a browser unpacks as much of it as a search asks for. */
export const ALL_LOG_BYTES: number = 96 * 1024 * 1024;

/** Room that the log of a job has however many jobs there are. */
const LEAST_LOG_BYTES = 64 * 1024;

/** What a report is read with. */
export interface ReadReportOptions {
  readonly nowMs: EpochMs;
  /** The environment of git, which is asked what changed. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: with logs. */
  readonly withoutLogs?: boolean | undefined;
}

/** A report that is read: what the page shows, and the logs that it unpacks. */
export interface ReadReport {
  readonly data: ReportData;
  /** By job; gzip in base64. */
  readonly logs: ReadonlyMap<string, string>;
}

/**
 * Reads what a report shows of a run, finished or not.
 *
 * @returns What of the run cannot be read at all.
 */
export async function readReport(
  opened: OpenedRun,
  { nowMs, env, withoutLogs = false }: ReadReportOptions,
): Promise<Result<ReadReport, ReadError>> {
  const { run, isAlive } = opened;
  const alive = isAlive();
  const timeRead = await readTimeline(run);
  const explained = await explainRun(run, {
    isAlive: alive,
    nowMs,
    changes: await changesOptions(run, env),
    ...(timeRead.ok && { timeline: timeRead.value }),
  });
  if (!explained.ok) return explained;
  const timeline = timeRead.ok ? timeRead.value : timelineOf(new RunTable(), { beganAtMs: 0, atMs: 0 });
  const jobs = timeline.jobs.map(({ jobId }) => String(jobId));
  const [nodes, receipt, pipelineManifest, manifests, spans] = await Promise.all([
    compiledJobs(run),
    run.receipt(),
    run.pipelineManifest(),
    readManifests(run, jobs),
    readSpans(run),
  ]);
  const packed = withoutLogs ? undefined : await packLogs(run, jobs);
  const data = reportData({
    runId: run.runId,
    madeAt: wireTime(epochMs(nowMs)),
    outcome: explained.value.outcome,
    explanation: explained.value,
    otherFailures: await otherFailures(opened, explained.value, env),
    timeline,
    nodes,
    receipt: receipt.ok ? receipt.value : undefined,
    pipelineManifest: pipelineManifest.ok ? pipelineManifest.value : undefined,
    jobManifests: manifests,
    spans,
    logs: packed && new Map([...packed].map(([job, { about }]) => [job, about])),
  });
  return ok({ data, logs: new Map([...(packed ?? [])].map(([job, log]) => [job, log.packed])) });
}

/** Failed jobs beside the one that the run is explained by. */
async function otherFailures(
  opened: OpenedRun,
  { failure, other_failures_total: others }: Explanation,
  env: ReadReportOptions["env"],
): Promise<readonly Explanation[]> {
  if (others === 0) return [];
  const explained = await explainJobs(opened, "all failed", env);
  if (!explained.ok) return [];
  return explained.value.jobs.flatMap((job) =>
    job.failure === undefined || job.job.jobId === failure?.job_id ? [] : [job.failure],
  );
}

async function readManifests(
  run: RunReader,
  jobs: readonly string[],
): Promise<ReadonlyMap<string, JobManifest>> {
  const manifests = new Map<string, JobManifest>();
  for (const job of jobs) {
    const manifest = await run.jobManifest(job);
    if (manifest.ok) manifests.set(job, manifest.value);
  }
  return manifests;
}

async function readSpans(run: RunReader): Promise<readonly RunSpan[]> {
  const records = await readRecords(run);
  const fold = new RunSpans();
  const ended = (records.ok ? records.value : []).flatMap(({ stream, record }) =>
    fold.record(stream, record),
  );
  return [...ended, ...fold.open()];
}

async function packLogs(run: RunReader, jobs: readonly string[]): Promise<ReadonlyMap<string, PackedLog>> {
  const room = Math.min(
    JOB_LOG_BYTES,
    Math.max(LEAST_LOG_BYTES, Math.floor(ALL_LOG_BYTES / Math.max(1, jobs.length))),
  );
  const logs = new Map<string, PackedLog>();
  for (const job of jobs) {
    const lines = await readLog(run, { job });
    const packed = lines.ok ? await packLog(lines.value, room) : undefined;
    if (packed !== undefined) logs.set(job, packed);
  }
  return logs;
}
