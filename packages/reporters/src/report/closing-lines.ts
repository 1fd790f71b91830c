import type { JobId } from "@loom/core";
import { jobManifestPath, PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH } from "@loom/record";
import { cleanLine } from "../text/clean-line.ts";
import { withExcerpt } from "../view/with-excerpt.ts";
import type { FailedJobView, JobView, RunView } from "../view/run-view.ts";
import type { RunEnd } from "@loom/ports";
import { receiptLine } from "./reporter.ts";
import { runErrorLines } from "./run-error-lines.ts";
import { summaryLine } from "./summary-line.ts";
import { linked, type TextStyle } from "./text-style.ts";
import { failureTitle, unitEventsPath } from "./unit-label.ts";

/**
 * How many failed jobs are shown with what they printed.
 *
 * Source: docs/terminal.md#what-a-failure-prints; an agent gets the cause in under 3 kB.
 */
const SHOWN_FAILURES = 3;

/** Characters of a printed line that are shown. Source: docs/terminal.md#what-a-failure-prints. */
const SHOWN_CHARACTERS = 200;

/** Characters of an error's own message: what to do about it stands at its end, behind paths of any length. */
const MESSAGE_CHARACTERS = 2000;

/**
 * The end of a transcript: what failed and the lines that tell why, the summary, the
 * files that lead to the cause, and the receipt, which is always the last line.
 */
export function closingLines(style: TextStyle, view: RunView, end: RunEnd): string[] {
  const { outcome } = end;
  const jobs = new Map<JobId, JobView>(view.jobs.map((job) => [job.jobId, withExcerpt(job, end)]));
  const failed = view.failedIds.map((id) => jobs.get(id)).filter((job) => job?.status === "failed");
  const blocking = failed.filter((job) => job.blocking);
  const unshown = blocking.length - SHOWN_FAILURES;
  const allowed = failed.filter((job) => !job.blocking).slice(0, SHOWN_FAILURES);
  const lines = [...allowed, ...blocking.slice(0, SHOWN_FAILURES)].flatMap((job) => [
    "",
    ...failureLines(style, job, end),
  ]);
  if (unshown > 0) {
    const jobsWord = unshown === 1 ? "job" : "jobs";
    lines.push(
      "",
      `${style.glyphs.ellipsis} and ${unshown} more failed ${jobsWord}, see ${linked(style, `${end.logsDir}/pipeline/manifest.json`)}`,
    );
  }
  lines.push("");
  if (outcome.error !== undefined && outcome.error.jobId === undefined) {
    lines.push(...runErrorLines(style, outcome.status, outcome.error));
  }
  lines.push(
    summaryLine(style, view, outcome.status),
    ...(end.time ?? []),
    ...pointerLines(style, blocking, end),
  );
  if (outcome.status !== "success") lines.push("explain:  loom explain");
  if (blocking.length > 0) lines.push("retry:    loom run --retry-failed");
  lines.push(receiptLine(end, style));
  return lines;
}

function failureLines(style: TextStyle, job: FailedJobView, end: RunEnd): string[] {
  const { failure } = job;
  const { palette, glyphs, links } = style;
  const options = {
    color: palette.color,
    links,
    maxCharacters: SHOWN_CHARACTERS,
    ellipsis: glyphs.ellipsis,
  };
  const printed = failure.lines.map((line) => `  ${cleanLine(line, options)}`.trimEnd());
  // An exit code says it all; anything else has a message of its own.
  const { error } = failure;
  const explained = error !== undefined && error.code !== "exit_code";
  const word = job.blocking
    ? palette.paint("failed", "failed:")
    : palette.paint("allowed", "failed (allowed):");
  return [
    `${word} ${palette.paint("bold", failureTitle(style, job))}`,
    ...printed,
    ...(explained
      ? [`  ${cleanLine(error.message, { ...options, maxCharacters: MESSAGE_CHARACTERS })}`]
      : []),
    ...thereOnly(style, end, [["  events: ", unitEventsPath(job.jobId, failure.unit)]]),
  ];
}

/** The four files between the receipt and the cause, in the order to open them, and where the jobs worked. Source: docs/contract.md. */
function pointerLines(style: TextStyle, blocking: readonly FailedJobView[], end: RunEnd): string[] {
  const { outcome, snapshotPath } = end;
  if (outcome.status === "success") return [];
  const workspace = snapshotPath === undefined ? [] : [`workspace: ${linked(style, snapshotPath)}`];
  const causeId = outcome.error?.jobId ?? outcome.failedJobIds[0];
  const cause = blocking.find((job) => job.jobId === causeId);
  const files = thereOnly(style, end, [
    ["summary:  ", PIPELINE_SUMMARY_PATH],
    ["manifest: ", PIPELINE_MANIFEST_PATH],
    ...(cause === undefined
      ? ([["events:   ", "events.jsonl"]] as const)
      : ([
          ["job:      ", jobManifestPath(cause.jobId)],
          ["events:   ", unitEventsPath(cause.jobId, cause.failure.unit)],
        ] as const)),
  ]);
  return [...files, ...workspace];
}

/** A line for each file of the run that is there. */
function thereOnly(
  style: TextStyle,
  { logsDir, isThere }: RunEnd,
  files: readonly (readonly [label: string, path: string])[],
): string[] {
  return files
    .map(([label, path]) => ({ label, shown: `${logsDir}/${path}` }))
    .filter(({ shown }) => isThere?.(shown) ?? true)
    .map(({ label, shown }) => label + linked(style, shown));
}
