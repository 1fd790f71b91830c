import type { ExplainedError, ExplainedOutcome, Explanation } from "../explain/explanation.ts";
import { clip, PLAIN, type Paint } from "./paint.ts";

/** How an explanation is written for people. */
export interface ExplanationStyle {
  /** Default: no colours. */
  readonly paint?: Paint | undefined;
  /** Columns to use at most for what may be cut: printed lines and messages, not paths and commands. Default: 120. */
  readonly width?: number | undefined;
  /** What stands for `run_dir` in paths, relative to where the user stands. Default: `run_dir` itself. */
  readonly runDir?: string | undefined;
}

const WIDTH = 120;

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
  const { paint = PLAIN, width = WIDTH, runDir = explanation.run_dir } = style;
  const heading = (word: string): string => paint.paint("dim", `${word}:`);
  const listed = (word: string, names: readonly string[], total: number): string[] =>
    names.length === 0 ? [] : [`${heading(word)} ${names.join(", ")}${more(total - names.length)}`];
  const block = (word: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [heading(word), ...lines.map((line) => `  ${line}`)];
  const errors = explanation.errors
    .slice(0, ERRORS)
    .map((error) => clip(errorText(error), Math.max(20, width - 2)));
  const unlisted = explanation.errors_total - errors.length;
  const lines = explanation.lines.map((line) => clip(line, Math.max(20, width - 2)).trimEnd());
  const others = explanation.other_failures.map(
    ({ job_id: job, blocking }) => `${job}${blocking ? "" : " (allowed)"}`,
  );
  const leftOut = explanation.failure?.left_out;
  const open = explanation.open.map((path) => `${runDir}/${path}`);
  return [
    `${paint.paint(TONES[explanation.outcome], explanation.outcome)}  ${paint.paint("bold", explanation.summary)}`,
    ...spaced(
      block("errors", unlisted > 0 && errors.length > 0 ? [...errors, `… and ${unlisted} more`] : errors),
    ),
    ...spaced(block("output", lines)),
    ...spaced([
      ...(leftOut === undefined ? [] : [`${heading("left out")} ${leftOut.message}`]),
      ...listed("blocked", explanation.blocked, explanation.blocked_total),
      ...listed("also failed", others, explanation.other_failures_total),
      ...listed("stopped", explanation.stopped, explanation.stopped_total),
      ...explanation.notes.map((note) => `${heading("note")} ${note}`),
    ]),
    ...(explanation.outcome === "success" ? [] : spaced(block("open", open))),
    ...spaced(block("next", explanation.next)),
  ];
}

function errorText({ tool, message, file, line, column, code }: ExplainedError): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const by = code === undefined ? tool : `${tool} ${code}`;
  return `${place === "" ? "" : `${place} `}${message} (${by})`;
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : "";
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}
