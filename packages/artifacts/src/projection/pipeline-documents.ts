import { EVENT_SCHEMA_VERSION, jobId, type GraphIr, type RunIdentity, type RunResult } from "@loom/core";
import { PIPELINE_MANIFEST_PATH, jobDirectory, streamPath } from "@loom/record";

import type { PipelineIdentity } from "../documents/identity.ts";
import type { ManifestJob, ManifestStage, PipelineManifest } from "../documents/pipeline-manifest.ts";
import type { JobCounts, PipelineSummary } from "../documents/pipeline-summary.ts";
import type { ExecutorReceipt } from "../documents/receipt.ts";
import type { RunError } from "../documents/run-error.ts";
import { isBlocking } from "./job-documents.ts";
import type { JobRecord } from "./job-record.ts";

/** When something began and ended. */
export interface TimeSpan {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
}

/** The summary of a pipeline whose jobs are all settled. */
export function pipelineSummary(
  identity: RunIdentity,
  outcome: RunResult,
  pipeline: { readonly span: TimeSpan; readonly jobs: readonly JobRecord[] },
): PipelineSummary {
  const error = runError(outcome);
  return {
    ...pipelineIdentity(identity),
    status: outcome.status,
    exit_code: outcome.exitCode,
    started_at: pipeline.span.startedAt,
    finished_at: pipeline.span.finishedAt,
    duration_ms: pipeline.span.durationMs,
    job_counts: countJobs(pipeline.jobs),
    manifest_path: PIPELINE_MANIFEST_PATH,
    ...(error !== undefined && { error }),
  };
}

/** The manifest of a pipeline whose jobs are all settled. `jobs` are in declaration order. */
export function pipelineManifest(
  identity: RunIdentity,
  outcome: RunResult,
  pipeline: { readonly graph: GraphIr; readonly jobs: readonly JobRecord[] },
): PipelineManifest {
  const [failing] = outcome.failedJobIds;
  return {
    ...pipelineIdentity(identity),
    status: outcome.status,
    ...(failing !== undefined && {
      failing_job_id: failing,
      failing_job_manifest_path: `${jobDirectory(failing)}manifest.json`,
      failed_job_ids: outcome.failedJobIds,
    }),
    stages: manifestStages(pipeline.graph, pipeline.jobs),
    jobs: pipeline.jobs.map(manifestJob),
    events_path: streamPath({ kind: "pipeline" }),
  };
}

/** What the receipt says about the jobs, in declaration order. */
export function executorReceipt(concurrency: number, jobs: readonly JobRecord[]): ExecutorReceipt {
  return {
    concurrency,
    jobs: jobs.map((job) => ({
      job_id: job.jobId,
      ...(job.provider !== undefined && { provider: job.provider }),
      status: statusOf(job),
      ...(job.end?.exitCode !== undefined && { exit_code: job.end.exitCode }),
      ...(job.startedAt !== undefined && job.end !== undefined && { duration_ms: job.end.durationMs }),
    })),
  };
}

/** Why a run is not a success, as documents write it. */
export function runError(outcome: RunResult): RunError | undefined {
  const { error } = outcome;
  if (error === undefined) return undefined;
  return {
    code: error.code,
    message: error.message,
    ...(error.jobId !== undefined && { job_id: error.jobId }),
  };
}

function manifestStages(graph: GraphIr, jobs: readonly JobRecord[]): readonly ManifestStage[] {
  const byStage = Map.groupBy(jobs, (job) => job.node.stage);
  return graph.stages.map((name) => ({
    name,
    job_ids: (byStage.get(name) ?? []).map((job) => job.jobId),
  }));
}

function manifestJob(job: JobRecord): ManifestJob {
  const { end } = job;
  const directory = jobDirectory(job.jobId);
  return {
    job_id: job.jobId,
    stage: job.node.stage,
    status: statusOf(job),
    blocking: isBlocking(job),
    needs: (job.node.needs ?? []).map(jobId),
    ...(end?.exitCode !== undefined && { exit_code: end.exitCode }),
    ...(job.startedAt !== undefined && end !== undefined && { duration_ms: end.durationMs }),
    ...(end?.skipReason !== undefined && { skip_reason: end.skipReason }),
    ...(end?.blockedBy !== undefined && { blocked_by: end.blockedBy }),
    ...(end?.keptFrom !== undefined && { kept_from: end.keptFrom }),
    summary_path: `${directory}summary.json`,
    manifest_path: `${directory}manifest.json`,
    events_path: `${directory}events.jsonl`,
  };
}

function countJobs(jobs: readonly JobRecord[]): JobCounts {
  const counts = { total: jobs.length, success: 0, failed: 0, skipped: 0, cancelled: 0 };
  for (const job of jobs) counts[statusOf(job)]++;
  return counts;
}

/** A job without an end is one that the run closed before it came to anything. */
function statusOf(job: JobRecord): NonNullable<JobRecord["end"]>["status"] {
  return job.end?.status ?? "cancelled";
}

function pipelineIdentity(identity: RunIdentity): PipelineIdentity {
  return {
    schema_version: EVENT_SCHEMA_VERSION,
    run_id: identity.runId,
    pipeline_id: identity.pipelineId,
  };
}
