import type { ExplainedJob } from "../time/explain-jobs.ts";

/** One explained job, as JSON for programs; `loom schema explain-job` has its schema. */
export function explainedJobData({ job, failure, running }: ExplainedJob): object {
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
