import type { JobView } from "@loom/reporters/view";

/** When a job ran, until now if it is running; `undefined` if it never started. */
export function spanOf(
  job: JobView,
  nowMs: number,
): { readonly startedAtMs: number; readonly endMs: number } | undefined {
  if (job.status === "running") return { startedAtMs: job.startedAtMs, endMs: nowMs };
  if (!("startedAtMs" in job) || job.startedAtMs === undefined) return undefined;
  return { startedAtMs: job.startedAtMs, endMs: job.finishedAtMs };
}

/** The jobs in the order of the time view: in the given order, or with the longest first. */
export function inTimeOrder(
  jobs: readonly JobView[],
  by: "start" | "duration",
  nowMs: number,
): readonly JobView[] {
  if (by === "start") return jobs;
  const length = (job: JobView): number => {
    const span = spanOf(job, nowMs);
    return span === undefined ? -1 : span.endMs - span.startedAtMs;
  };
  return jobs.toSorted((a, b) => length(b) - length(a));
}
