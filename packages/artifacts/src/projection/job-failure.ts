import type { JobPhaseCode, PhaseCode, PhaseFinishEvent, SectionName } from "@loom/core";
import { executionStreamPath, streamPath } from "@loom/record";
import type { JobFailure, JobRecord, SectionRecord } from "./job-record.ts";

type EndedSection = SectionRecord & Required<Pick<SectionRecord, "end">>;

/** The section that represents a phase in which no section itself failed. */
const SECTION_OF_PHASE: { readonly [C in JobPhaseCode]: SectionName | "execution" } = {
  "job.provider_prepare": "provider",
  "job.cache_restore": "cache_restore",
  "job.artifact_restore": "artifact_extract",
  "job.execution": "execution",
  "job.artifact_save": "artifact_save",
  "job.cache_save": "cache_save",
  "job.cleanup": "cleanup",
};

/** A failure in a user step. */
export function failureOfStep(job: JobRecord, step: number, record: PhaseFinishEvent): JobFailure {
  return {
    section: "execution",
    step,
    ...(record.exit_code !== undefined && { exitCode: record.exit_code }),
    ...(record.error !== undefined && { error: record.error }),
    eventsPath: streamPath({ kind: "step", jobId: job.jobId, step }),
  };
}

/**
 * A failure in a phase of a job outside its steps.
 *
 * It points at the section of that phase that failed first; at the job's own
 * stream when the phase failed without one.
 */
export function failureOfPhase(job: JobRecord, record: PhaseFinishEvent): JobFailure {
  const failed = [...job.sections.values()].find(
    (section): section is EndedSection =>
      section.phaseCode === record.phase_code && section.end?.status === "failed",
  );
  const error = failed?.end.error ?? record.error;
  const section = failed?.section ?? sectionOf(record.phase_code);
  return {
    ...(section !== undefined && { section }),
    ...(error !== undefined && { error }),
    eventsPath: failed === undefined ? envelopePath(job, record) : sectionPath(job, failed.section),
  };
}

function sectionOf(phase: PhaseCode): SectionName | "execution" | undefined {
  return phase in SECTION_OF_PHASE ? SECTION_OF_PHASE[phase as JobPhaseCode] : undefined;
}

function envelopePath(job: JobRecord, record: PhaseFinishEvent): string {
  if (record.phase_code === "job.execution") return executionStreamPath(job.jobId);
  return streamPath({ kind: "job", jobId: job.jobId });
}

function sectionPath(job: JobRecord, section: SectionName): string {
  return streamPath({ kind: "section", jobId: job.jobId, section });
}
