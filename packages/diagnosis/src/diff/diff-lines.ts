import { formatSpan } from "@loom/core";
import type { DiffedJob, DiffedResult, RunDiff } from "./diff-runs.ts";

/** Names in a line; the rest is counted. */
const NAMED = 5;

/**
 * What differs between two runs, as lines for people.
 *
 * @param bold - Makes the name of a job stand out. Default: it does not.
 */
export function diffLines(diff: RunDiff, bold: (text: string) => string = (text) => text): readonly string[] {
  const { before, after, jobs, same } = diff;
  return [
    `${before.runId}  ${before.status}`,
    `${after.runId}  ${after.status}`,
    "",
    ...changesLines(diff),
    ...(jobs.length === 0 ? ["no job differs"] : jobs.flatMap((job) => jobLines(job, bold))),
    ...(same > 0 && jobs.length > 0 ? [`${same} more ${same === 1 ? "job is" : "jobs are"} as before`] : []),
  ];
}

function changesLines({ commits, uncommitted, sameTree }: RunDiff): readonly string[] {
  if (sameTree === true) return ["the files are the same", ""];
  const { before = [], after = [] } = uncommitted;
  const lines = [
    ...(commits.status === "same" ? [] : [commitsLine(commits)]),
    ...(commits.status === "changed" ? commits.newest.map(({ sha, subject }) => `  ${sha} ${subject}`) : []),
    ...(commits.status === "changed" ? [`files: ${named(commits.mostChanged, commits.files)}`] : []),
    ...(before.length > 0 ? [`not committed before: ${named(before, before.length)}`] : []),
    ...(after.length > 0 ? [`not committed after: ${named(after, after.length)}`] : []),
  ];
  return lines.length === 0 ? [] : [...lines, ""];
}

function commitsLine(commits: Exclude<RunDiff["commits"], { readonly status: "same" }>): string {
  if (commits.status === "unknown") return `the commits cannot be compared, because ${commits.reason}`;
  const { commits: count, files, insertions, deletions } = commits;
  const changed = `${files} ${files === 1 ? "file" : "files"} changed (+${insertions} -${deletions})`;
  return `${count} ${count === 1 ? "commit" : "commits"}, ${changed}:`;
}

function jobLines(job: DiffedJob, bold: (text: string) => string): readonly string[] {
  const { jobId, before, after, fields, variables, artifacts, slowerMs } = job;
  const isAlike = before.status === after.status && before.exitCode === after.exitCode;
  return [
    `${bold(jobId)}  ${isAlike ? resultText(after) : `${resultText(before)} → ${resultText(after)}`}`,
    ...(slowerMs === undefined
      ? []
      : [
          `  ${formatSpan(Math.abs(slowerMs))} ${slowerMs > 0 ? "slower" : "faster"}: ${span(before)} → ${span(after)}`,
        ]),
    ...(fields.length === 0 ? [] : [`  its definition changed: ${fields.join(", ")}`]),
    ...(variables.length === 0 ? [] : [`  variables changed: ${variables.join(", ")}`]),
    ...(artifacts.length === 0 ? [] : [`  artifacts differ: ${named(artifacts, artifacts.length)}`]),
  ];
}

function span({ durationMs = 0 }: DiffedResult): string {
  return formatSpan(durationMs);
}

function resultText({ status, exitCode }: DiffedResult): string {
  return exitCode === undefined || exitCode === 0 ? status : `${status} (exit ${exitCode})`;
}

function named(names: readonly string[], total: number): string {
  const shown = names.slice(0, NAMED);
  return `${shown.join(", ")}${total > shown.length ? ` and ${total - shown.length} more` : ""}`;
}
