import type { DiffedResult, RunDiff } from "../diff/diff-runs.ts";

/** What differs between two runs, as JSON for programs; `loom schema diff` has its schema. */
export function diffData({ before, after, commits, uncommitted, sameTree, jobs, same }: RunDiff): object {
  const result = ({ status, exitCode, durationMs }: DiffedResult): object => ({
    status,
    exit_code: exitCode,
    duration_ms: durationMs,
  });
  const changed = commits.status === "changed" ? commits : undefined;
  return {
    schema_version: "v1",
    kind: "loom-diff",
    before: { run_id: before.runId, status: before.status },
    after: { run_id: after.runId, status: after.status },
    commits: changed?.newest ?? [],
    commits_total: changed?.commits ?? 0,
    files: changed?.mostChanged ?? [],
    files_total: changed?.files ?? 0,
    uncommitted_before: uncommitted.before,
    uncommitted_after: uncommitted.after,
    same_tree: sameTree,
    jobs: jobs.map((job) => ({
      job_id: job.jobId,
      before: result(job.before),
      after: result(job.after),
      fields: job.fields,
      variables: job.variables,
      artifacts: job.artifacts,
      slower_ms: job.slowerMs,
    })),
    same,
  };
}
