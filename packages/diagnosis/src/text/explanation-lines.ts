import { formatSpan, foundErrorText, stepTitle } from "@loom/core";
import type {
  ExplainedChanges,
  ExplainedOutcome,
  Explanation,
  OtherFailure,
  RunningWork,
  SeenBefore,
} from "../explain/explanation.ts";
import { PLAIN, wrapWords, type Paint } from "./paint.ts";

/** How an explanation is written for people. */
export interface ExplanationStyle {
  /** Default: no colours. */
  readonly paint?: Paint | undefined;
  /** Columns of the terminal, at which what is longer is wrapped. Default: nothing is, as in a pipe. */
  readonly width?: number | undefined;
  /** What stands for `run_dir` in paths, relative to where the user stands. Default: `run_dir` itself. */
  readonly runDir?: string | undefined;
}

/** Files that the sentence about changes names itself. */
const NAMED_FILES = 3;

/** A shorter silence says nothing. */
const TOLD_SILENCE_MS = 1000;

/** Errors that are listed when their own lines are shown as well. */
const ERRORS = 3;

const TONES: { readonly [O in ExplainedOutcome]: "success" | "failed" | "cancelled" } = {
  success: "success",
  failure: "failed",
  cancelled: "cancelled",
  interrupted: "failed",
  running: "cancelled",
  unfinished: "cancelled",
};

/** An explanation as lines for people: the sentence, the errors, the lines that matter, what it meant for others, what to open and to run. */
export function explanationLines(explanation: Explanation, style: ExplanationStyle = {}): readonly string[] {
  const { paint = PLAIN, width, runDir = explanation.run_dir } = style;
  const fitted = (text: string): readonly string[] =>
    width === undefined ? [text] : wrapWords(text, width - 2);
  const heading = (word: string): string => paint.paint("dim", `${word}:`);
  const listed = (word: string, names: readonly string[], total: number): string[] =>
    names.length === 0 ? [] : [`${heading(word)} ${names.join(", ")}${more(total - names.length)}`];
  const block = (word: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [heading(word), ...lines.flatMap(fitted).map((line) => `  ${line}`)];
  const errors = explanation.errors.slice(0, ERRORS).map(foundErrorText);
  const unlisted = explanation.errors_total - errors.length;
  const lines = explanation.lines.map((line) => line.trimEnd());
  const others = explanation.other_failures.map((other) => otherText(other));
  const listedOthers =
    others.length < explanation.other_failures_total
      ? [...others, `… and ${explanation.other_failures_total - others.length} more`]
      : others;
  const running = explanation.running?.map(runningText) ?? [];
  const leftOut = explanation.failure?.left_out;
  const open = explanation.open.map((path) => `${runDir}/${path}`);
  return [
    `${paint.paint(TONES[explanation.outcome], explanation.outcome)}  ${paint.paint("bold", explanation.summary)}`,
    ...spaced(
      block("errors", unlisted > 0 && errors.length > 0 ? [...errors, `… and ${unlisted} more`] : errors),
    ),
    ...spaced(
      saysNothing(explanation) ? [`${heading("output")} it printed nothing`] : block("output", lines),
    ),
    ...spaced([
      ...(leftOut === undefined ? [] : [`${heading("left out")} ${leftOut.message}`]),
      ...listed("blocked", explanation.blocked, explanation.blocked_total),
      ...listed("stopped", explanation.stopped, explanation.stopped_total),
      ...explanation.notes.map((note) => `${heading("note")} ${note}`),
    ]),
    ...spaced(block("also failed", listedOthers)),
    ...spaced(block(explanation.outcome === "running" ? "running" : "was running", running)),
    ...(explanation.changed === undefined ? [] : ["", explanation.changed.sentence]),
    ...changedLines(explanation.changed, block),
    ...seenLines(explanation.seen_before, heading),
    ...(explanation.outcome === "success" ? [] : spaced(block("open", open))),
    ...spaced(block("next", explanation.next)),
  ];
}

/** A command that fails without a word: that is worth knowing, too. */
function saysNothing({ failure, lines, lines_total: total, notes }: Explanation): boolean {
  return failure?.unit === "step" && lines.length === 0 && total === 0 && notes.length === 0;
}

/** What another job failed at, in a line. */
function otherText({
  job_id: job,
  blocking,
  step,
  command,
  name,
  exit_code: code,
  limit,
  error,
}: OtherFailure): string {
  const at =
    step === undefined ? "" : ` › ${String(step).padStart(2, "0")} ${stepTitle(command ?? "", name)}`;
  const how = [
    ...(limit === undefined ? [] : [`over the limit of the ${limit.of}, ${formatSpan(limit.ms)}`]),
    ...(code === undefined ? [] : [`exit ${code}`]),
    ...(blocking ? [] : ["allowed"]),
  ].join(", ");
  return `${job}${at}${how === "" ? "" : ` (${how})`}${error === undefined ? "" : `: ${foundErrorText(error)}`}`;
}

function runningText({
  job_id: job,
  step,
  command,
  name,
  last_line: last,
  silent_ms: silent,
}: RunningWork): string {
  const at =
    step === undefined ? "" : ` › ${String(step).padStart(2, "0")} ${stepTitle(command ?? "", name)}`;
  const quiet = silent === undefined || silent < TOLD_SILENCE_MS ? "" : `, silent for ${formatSpan(silent)}`;
  return `${job}${at}${quiet}${last === undefined ? "" : `; last: ${last}`}`;
}

/** Commits and files by name, unless the sentence has said all of it. */
function changedLines(
  changed: ExplainedChanges | undefined,
  block: (word: string, lines: readonly string[]) => string[],
): readonly string[] {
  if (changed === undefined) return [];
  const commits =
    changed.commits.length < 2 ? [] : changed.commits.map(({ sha, subject }) => `${sha} ${subject}`);
  const files = changed.files_total > NAMED_FILES ? changed.files : [];
  return [
    ...block("in an error and changed", changed.files_in_errors),
    ...block("commits", withMore(commits, changed.commits_total)),
    ...block("files", withMore(files, changed.files_total)),
  ];
}

/** Whether it is an old acquaintance. */
function seenLines(seen: SeenBefore | undefined, heading: (word: string) => string): readonly string[] {
  if (seen === undefined) return [];
  const [newest] = seen.runs;
  const failures = seen.compared === 1 ? "the failure" : `the ${seen.compared} failures`;
  if (newest === undefined)
    return [
      `${heading("seen before")} no, ${failures} before it ${seen.compared === 1 ? "was another" : "were others"}`,
    ];
  const day = newest.started_at.slice(0, 10);
  const share = seen.compared === 1 ? "" : `; ${seen.runs.length} of ${failures} before it`;
  return [`${heading("seen before")} in ${newest.run_id}${day === "" ? "" : ` (${day})`}${share}`];
}

function withMore(lines: readonly string[], total: number): readonly string[] {
  return lines.length === 0 || lines.length >= total
    ? lines
    : [...lines, `… and ${total - lines.length} more`];
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : "";
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}
