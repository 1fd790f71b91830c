import type { JobManifest, ManifestStep, PipelineManifest, Receipt } from "@loom/artifacts";
import { nodeSteps, type GraphNode } from "@loom/core";
import {
  explainJob,
  timeReport,
  type ExplainedOutcome,
  type Explanation,
  type JobTimes,
  type Timeline,
} from "@loom/diagnosis";
import type { RunSpan } from "@loom/record";
import { jobAttempts } from "./job-attempts.ts";
import type {
  ReportData,
  ReportedCounts,
  ReportedJob,
  ReportedLog,
  ReportedRun,
  ReportedStep,
} from "./report-data.ts";

/** What was read of a run. What is absent could not be read, or is not there yet. */
export interface RunReadings {
  readonly runId: string;
  /** RFC 3339, UTC. */
  readonly madeAt: string;
  /** How the run stands, for a run that cannot be explained. */
  readonly outcome: ExplainedOutcome;
  readonly explanation?: Explanation | undefined;
  readonly otherFailures: readonly Explanation[];
  readonly timeline: Timeline;
  readonly nodes: readonly GraphNode[];
  readonly receipt?: Receipt | undefined;
  readonly pipelineManifest?: PipelineManifest | undefined;
  readonly jobManifests: ReadonlyMap<string, JobManifest>;
  readonly spans: readonly RunSpan[];
  /** By job; `undefined`: the report is to have no logs. */
  readonly logs: ReadonlyMap<string, ReportedLog> | undefined;
}

/** Puts together what a report shows. Pure: the same readings give the same data. */
export function reportData(readings: RunReadings): ReportData {
  const { timeline, explanation, otherFailures } = readings;
  const times = timeReport(timeline);
  const jobs = reportedJobs(readings);
  return {
    schema_version: "v1",
    kind: "loom-report",
    made_at: readings.madeAt,
    run: reportedRun(readings),
    job_counts: countsOf(jobs),
    ...(explanation !== undefined && { explanation }),
    other_failures: otherFailures,
    time: {
      duration_ms: times.durationMs,
      work_ms: times.workMs,
      slots: times.slots,
      busiest_slots: times.busiestSlots,
      utilisation: times.utilisation,
      critical_path: times.criticalPath.map(({ jobId }) => jobId),
    },
    stages: timeline.stages,
    jobs,
    logs: readings.logs === undefined ? "left_out" : "embedded",
  };
}

function reportedRun({ runId, outcome, explanation, receipt }: RunReadings): ReportedRun {
  const {
    exit_code: exitCode,
    started_at: startedAt,
    duration_ms: durationMs,
  } = receipt ?? explanation ?? ({} as Partial<Explanation>);
  return {
    run_id: runId,
    outcome: explanation?.outcome ?? outcome,
    ...(exitCode !== undefined && { exit_code: exitCode }),
    ...(startedAt !== undefined && { started_at: startedAt }),
    ...(durationMs !== undefined && { duration_ms: durationMs }),
    ...(receipt !== undefined && {
      project: lastPart(receipt.repo_root),
      workflow: below(receipt.repo_root, receipt.workflow_path),
      command: receipt.command.join(" "),
      loom_version: receipt.loom_version,
    }),
    ...(receipt?.snapshot_head_sha !== undefined && { commit: receipt.snapshot_head_sha }),
    ...(receipt?.snapshot_of !== undefined && { snapshot_of: receipt.snapshot_of }),
  };
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || path;
}

function below(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

function reportedJobs(readings: RunReadings): readonly ReportedJob[] {
  const { timeline, nodes, pipelineManifest, spans } = readings;
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  const rowOf = new Map((pipelineManifest?.jobs ?? []).map((job) => [String(job.job_id), job]));
  const attemptsOf = jobAttempts(spans);
  return timeline.jobs.map((job): ReportedJob => {
    const node = nodeOf.get(job.jobId);
    const row = rowOf.get(job.jobId);
    const manifest = readings.jobManifests.get(job.jobId);
    const log = readings.logs?.get(job.jobId);
    const isAllowed = job.status === "failed" && (row === undefined ? job.allowFailure : !row.blocking);
    const exitCode = row?.exit_code;
    return {
      job_id: job.jobId,
      ...(node?.title !== undefined && { title: node.title }),
      stage: job.stage,
      needs: job.needs,
      status: job.status,
      ...(isAllowed && { allowed: true }),
      ...(job.reason !== undefined && { reason: job.reason }),
      blocked_by: job.blockedBy,
      ...(job.keptFrom !== undefined && { kept_from: job.keptFrom }),
      sentence: explainJob(timeline, job.jobId)?.sentence ?? "",
      ...(exitCode !== undefined && { exit_code: exitCode }),
      ...timesOf(job),
      attempts: attemptsOf.get(job.jobId) ?? [],
      steps: manifest === undefined ? plannedSteps(node) : manifest.steps.map(stepOf),
      ...(manifest?.tests !== undefined && { tests: countsOfTests(manifest.tests) }),
      ...(log !== undefined && { log }),
    };
  });
}

function timesOf({ readyMs, startedMs, endedMs }: JobTimes): Partial<ReportedJob> {
  return {
    ...(readyMs !== undefined && { ready_ms: readyMs }),
    ...(startedMs !== undefined && { started_ms: startedMs }),
    ...(endedMs !== undefined && { ended_ms: endedMs }),
  };
}

function stepOf(step: ManifestStep): ReportedStep {
  return {
    step: step.step,
    ...(step.part !== undefined && { part: step.part }),
    ...(step.name !== undefined && { name: step.name }),
    command: step.command,
    status: step.status,
    ...(step.tolerated !== undefined && { tolerated: step.tolerated }),
    ...(step.exit_code !== undefined && { exit_code: step.exit_code }),
    ...(step.duration_ms !== undefined && { duration_ms: step.duration_ms }),
  };
}

/** Of a job that has no documents yet: what its steps are. */
function plannedSteps(node: GraphNode | undefined): readonly ReportedStep[] {
  if (node === undefined) return [];
  return nodeSteps(node).map(({ script, options }, index) => ({
    step: index + 1,
    ...(options?.name !== undefined && { name: options.name }),
    command: script,
    status: "pending",
  }));
}

function countsOfTests({
  total,
  failed,
  skipped,
}: NonNullable<JobManifest["tests"]>): NonNullable<ReportedJob["tests"]> {
  return { total, failed, skipped };
}

function countsOf(jobs: readonly ReportedJob[]): ReportedCounts {
  const count = (wanted: (job: ReportedJob) => boolean): number => jobs.filter(wanted).length;
  return {
    total: jobs.length,
    success: count(({ status }) => status === "success"),
    failed: count(({ status, allowed }) => status === "failed" && allowed !== true),
    allowed: count(({ allowed }) => allowed === true),
    skipped: count(({ status }) => status === "skipped"),
    cancelled: count(({ status }) => status === "cancelled"),
    open: count(({ status }) => status === "pending" || status === "ready" || status === "running"),
  };
}
