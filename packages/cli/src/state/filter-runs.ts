import type { PastRun } from "@loom/diagnosis";

/**
 * The runs that match every word of a filter, in the same order. `status:`, `job:` (a failed one) and `workflow:`
 * match one field, other words any field. Case is ignored.
 */
export function filterRuns(runs: readonly PastRun[], filter: string): readonly PastRun[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return words.length === 0 ? runs : runs.filter((run) => words.every((word) => isTrueOf(run, word)));
}

function isTrueOf(run: PastRun, word: string): boolean {
  const [, key, value = ""] = /^(status|job|workflow):(.*)$/.exec(word) ?? [];
  const has = (text: string | undefined, part: string): boolean => (text ?? "").toLowerCase().includes(part);
  if (key === "status") return has(run.status, value);
  if (key === "job") return run.failedJobs.some((job) => has(job, value));
  if (key === "workflow") return has(run.workflow, value);
  return [run.status, run.runId, run.workflow, run.error?.message, ...run.failedJobs].some((text) =>
    has(text, word),
  );
}
