import { EVENT_SCHEMA_VERSION, nodeSteps, tolerates, type NodeStep, type RunIdentity } from "@loom/core";
import { jobDirectory, sectionDirectory, stepDirectory } from "@loom/record";
import type { JobIdentity } from "../documents/identity.ts";
import type { JobManifest, ManifestSection, ManifestStep } from "../documents/job-manifest.ts";
import type { JobSummary } from "../documents/job-summary.ts";
import type { SectionSummary } from "../documents/section-summary.ts";
import type { StepSummary } from "../documents/step-summary.ts";
import type {
  JobEnd,
  JobRecord,
  SectionRecord,
  SectionRecordEnd,
  StepRecord,
  StepRecordEnd,
} from "./job-record.ts";

/** The summary of a step that ended. `attempt` is set when a later attempt has replaced it. */
export function stepSummary(
  identity: RunIdentity,
  job: JobRecord,
  step: StepRecord & { readonly end: StepRecordEnd },
  attempt?: number,
): StepSummary {
  const { end } = step;
  const { script, options } = nodeSteps(job.node)[step.step - 1] ?? { script: "" };
  const name = options?.name;
  return {
    ...jobIdentity(identity, job),
    step: step.step,
    ...(name !== undefined && { name }),
    command: script,
    status: end.status,
    ...(end.exitCode !== undefined && { exit_code: end.exitCode }),
    ...(end.signal !== undefined && { signal: end.signal }),
    started_at: step.startedAt,
    finished_at: end.finishedAt,
    duration_ms: end.durationMs,
    output_lines: step.outputLines,
    output_bytes: step.outputBytes,
    events_path: `${stepDirectory(job.jobId, step.step, attempt)}events.jsonl`,
  };
}

/** The summary of a section that ended. */
export function sectionSummary(
  identity: RunIdentity,
  job: JobRecord,
  section: SectionRecord & { readonly end: SectionRecordEnd },
): SectionSummary {
  const { end } = section;
  return {
    ...jobIdentity(identity, job),
    section: section.section,
    phase_code: section.phaseCode,
    status: end.status,
    started_at: section.startedAt,
    finished_at: end.finishedAt,
    duration_ms: end.durationMs,
    ...(end.error !== undefined && { error: end.error }),
    events_path: `${sectionDirectory(job.jobId, section.section)}events.jsonl`,
    ...(section.key !== undefined && { key: section.key }),
    ...(section.hit !== undefined && { hit: section.hit }),
    ...(section.bytes !== undefined && { bytes: section.bytes }),
    ...(section.caches !== undefined && { caches: section.caches }),
  };
}

/** The summary of a job that ended. */
export function jobSummary(identity: RunIdentity, job: JobRecord & { readonly end: JobEnd }): JobSummary {
  const { end, failure } = job;
  return {
    ...jobIdentity(identity, job),
    stage: job.node.stage,
    status: end.status,
    blocking: isBlocking(job),
    ...(end.exitCode !== undefined && { exit_code: end.exitCode }),
    attempts: job.attempts,
    ...(job.startedAt !== undefined && { started_at: job.startedAt }),
    finished_at: end.finishedAt,
    duration_ms: end.durationMs,
    ...(end.skipReason !== undefined && { skip_reason: end.skipReason }),
    ...(end.status === "failed" && failure?.error !== undefined && { error: failure.error }),
    manifest_path: `${jobDirectory(job.jobId)}manifest.json`,
  };
}

/** The manifest of a job that ended. */
export function jobManifest(identity: RunIdentity, job: JobRecord & { readonly end: JobEnd }): JobManifest {
  const { end } = job;
  const eventsPath = `${jobDirectory(job.jobId)}events.jsonl`;
  const failure = end.status === "failed" ? (job.failure ?? { eventsPath }) : undefined;
  return {
    ...jobIdentity(identity, job),
    status: end.status,
    ...(job.provider !== undefined && { provider: job.provider }),
    ...(failure?.section !== undefined && { failing_section: failure.section }),
    ...(failure?.step !== undefined && {
      failing_step: failure.step,
      failing_step_events_path: failure.eventsPath,
    }),
    ...(failure !== undefined && { failing_events_path: failure.eventsPath }),
    ...(end.skipReason !== undefined && { skip_reason: end.skipReason }),
    ...(end.blockedBy !== undefined && { blocked_by: end.blockedBy }),
    ...(end.keptFrom !== undefined && { kept_from: end.keptFrom }),
    steps: nodeSteps(job.node).map((step, index) => manifestStep(job, step, index)),
    system_sections: [...job.sections.values()].flatMap((section) => manifestSection(job, section)),
    ...(job.artifacts !== undefined && { artifacts: job.artifacts }),
    ...(job.tests !== undefined && { tests: job.tests }),
    events_path: eventsPath,
  };
}

/** Whether a failure of this job counts against the pipeline. */
export function isBlocking(job: JobRecord): boolean {
  return !tolerates(job.node.allow_failure, job.failure?.exitCode ?? job.end?.exitCode);
}

function manifestStep(
  job: JobRecord,
  { script: command, part, options }: NodeStep,
  index: number,
): ManifestStep {
  const step = index + 1;
  const record = job.steps[index];
  const { before_script: before = [], after_script: after = [] } = job.node;
  const parts = {
    ...(before.length + after.length > 0 && { part }),
    ...(options?.name !== undefined && { name: options.name }),
  };
  if (record?.end === undefined) {
    const isWithheld = options?.withheld === true;
    return {
      step,
      ...parts,
      command,
      status: "skipped",
      ...(isWithheld && { skip_reason: "condition_not_met" as const }),
    };
  }
  const { keptFrom } = record;
  const directory = stepDirectory(job.jobId, step, keptFrom);
  return {
    step,
    ...parts,
    command,
    status: record.end.status,
    ...(keptFrom !== undefined && { kept_from_attempt: keptFrom }),
    ...(record.end.isTolerated === true && { tolerated: true as const }),
    ...(record.end.exitCode !== undefined && { exit_code: record.end.exitCode }),
    duration_ms: record.end.durationMs,
    output_lines: record.outputLines,
    summary_path: `${directory}summary.json`,
    events_path: `${directory}events.jsonl`,
  };
}

function manifestSection(job: JobRecord, section: SectionRecord): ManifestSection[] {
  if (section.end === undefined) return [];
  const directory = sectionDirectory(job.jobId, section.section);
  return [
    {
      section: section.section,
      phase_code: section.phaseCode,
      status: section.end.status,
      duration_ms: section.end.durationMs,
      ...(section.caches !== undefined && { caches: section.caches }),
      summary_path: `${directory}summary.json`,
      events_path: `${directory}events.jsonl`,
    },
  ];
}

function jobIdentity(identity: RunIdentity, job: JobRecord): JobIdentity {
  return {
    schema_version: EVENT_SCHEMA_VERSION,
    run_id: identity.runId,
    pipeline_id: identity.pipelineId,
    job_id: job.jobId,
  };
}
