import { unreachable, type JobId, type SectionName, type StreamRef } from "@loom/core";

/** The directory that contains the job directories. */
export const JOBS_DIRECTORY = "jobs/";

/** Path of the stream of a run, pipeline, job, section or step, relative to the run's directory, with `/`. */
export function streamPath(stream: StreamRef): string {
  return `${unitDirectory(stream)}events.jsonl`;
}

/** The mirror of a job's `job.execution` envelope and its steps' boundaries. */
export function executionStreamPath(job: JobId): string {
  return `${executionDirectory(job)}events.jsonl`;
}

/** The directory of one unit, ending in `/`; empty for the run itself. */
export function unitDirectory(stream: StreamRef): string {
  switch (stream.kind) {
    case "run":
      return "";
    case "pipeline":
      return "pipeline/";
    case "job":
      return jobDirectory(stream.jobId);
    case "section":
      return sectionDirectory(stream.jobId, stream.section);
    case "step":
      return stepDirectory(stream.jobId, stream.step);
    default:
      return unreachable(stream);
  }
}

/** The directory of a job, ending in `/`. */
export function jobDirectory(job: JobId): string {
  return `${JOBS_DIRECTORY}${job}/`;
}

/** The directory of a job's user code, ending in `/`. */
export function executionDirectory(job: JobId): string {
  return `${jobDirectory(job)}user/execution/`;
}

/** The directory of a section, ending in `/`. */
export function sectionDirectory(job: JobId, section: SectionName): string {
  return `${jobDirectory(job)}system/${section}/`;
}

/**
 * The directory of a step, ending in `/`.
 *
 * @param attempt - An attempt that a later one has replaced. Default: the last one.
 */
export function stepDirectory(job: JobId, step: number, attempt?: number): string {
  return `${scriptDirectory(job, attempt)}${String(step).padStart(2, "0")}/`;
}

/** The directory that holds the steps of the last attempt, or of an earlier one, ending in `/`. */
export function scriptDirectory(job: JobId, attempt?: number): string {
  return `${executionDirectory(job)}${attempt === undefined ? "" : `attempts/${attempt}/`}script/`;
}
