import type { JobChanges } from "../changes/changes-since.ts";
import type { ExplainedChanges, ExplainedError } from "./explanation.ts";

/** What changed, as an explanation has it. */
export function explainedChanges(changes: JobChanges, errors: readonly ExplainedError[]): ExplainedChanges {
  const { since, commits, uncommitted, files, filesTotal, leftOut, sentence } = changes;
  const known = commits?.status === "changed" ? commits : { newest: [], commits: 0, changed: [] };
  const all = new Set([...known.changed, ...(uncommitted.now ?? []), ...(uncommitted.before ?? [])]);
  const named = new Set(
    errors.flatMap(({ file }) => (file === undefined ? [] : [file.replace(/^\.\//, "")])),
  );
  return {
    ...(since !== undefined && { since_run_id: since.runId }),
    commits: known.newest.map(({ sha, subject }) => ({ sha, subject })),
    commits_total: known.commits,
    files,
    files_total: filesTotal,
    files_in_errors: [...named].filter((file) => all.has(file)),
    left_out_jobs: leftOut,
    sentence,
  };
}
