import { JOB_STATUSES, type JobStatus } from "@loom/core";

/** Whether a word is the status of a job. */
export function isJobStatus(word: unknown): word is JobStatus {
  return KNOWN.has(word);
}

/** Whether a job in one status may be in the other next. */
export function mayFollow(from: JobStatus, to: JobStatus): boolean {
  return ALLOWED_FROM[to].includes(from);
}

const KNOWN: ReadonlySet<unknown> = new Set(JOB_STATUSES);

/** Which status a job may have had before it got the one named. */
const ALLOWED_FROM: { readonly [To in JobStatus]: readonly JobStatus[] } = {
  // Stryker disable next-line ArrayDeclaration: a word that is no status comes before none
  pending: [],
  ready: ["pending"],
  running: ["pending", "ready"],
  success: ["running"],
  failed: ["running"],
  skipped: ["pending", "ready"],
  cancelled: ["pending", "ready", "running"],
};
