import { errorCode } from "@loom/core";
import { formatDocument } from "@loom/artifacts";
import { cutText } from "./cut-text.ts";
import {
  EXPLANATION_BYTES,
  type ExplainedError,
  type Explanation,
  type OtherFailure,
} from "./explanation.ts";

/** How much an explanation may hold. */
interface Limits {
  readonly lines: number;
  /** Bytes of one line. */
  readonly line: number;
  readonly errors: number;
  /** Other failures that are told with their cause, and jobs under way. */
  readonly others: number;
  /** Names in each list of jobs. */
  readonly names: number;
  /** Bytes of a name. */
  readonly name: number;
  /** Bytes of a message, a command or the summary. */
  readonly text: number;
  /** Bytes of a path or of a command to run next. */
  readonly path: number;
}

/** From what most runs need down to what fits whatever the names are. */
const LEVELS: readonly Limits[] = [
  { lines: 20, line: 300, errors: 5, others: 5, names: 10, name: 80, text: 400, path: 1000 },
  { lines: 16, line: 160, errors: 4, others: 3, names: 8, name: 80, text: 300, path: 500 },
  { lines: 10, line: 140, errors: 3, others: 2, names: 6, name: 70, text: 240, path: 320 },
  { lines: 8, line: 100, errors: 2, others: 1, names: 4, name: 64, text: 200, path: 240 },
  { lines: 5, line: 80, errors: 1, others: 1, names: 2, name: 48, text: 140, path: 180 },
  { lines: 2, line: 60, errors: 1, others: 0, names: 1, name: 32, text: 100, path: 120 },
  { lines: 2, line: 40, errors: 1, others: 0, names: 0, name: 24, text: 60, path: 80 },
];

/** Entries of the lists that are short anyway. */
const FEW = 4;

/**
 * Cuts an explanation until it is less than {@link EXPLANATION_BYTES} as JSON.
 *
 * What matters least is cut first, and everything by the same measure, so that
 * the same run always gives the same text.
 */
export function fitExplanation(whole: Explanation): Explanation {
  const wholeText = JSON.stringify(whole);
  for (const limits of LEVELS) {
    const cut = shrink(whole, limits);
    const smallest = { ...cut, truncated: JSON.stringify(cut) !== wholeText };
    if (Buffer.byteLength(formatDocument(smallest)) < EXPLANATION_BYTES) return smallest;
  }
  throw new Error("An explanation does not fit whatever is cut");
}

function shrink(whole: Explanation, limits: Limits): Explanation {
  const text = (value: string): string => cutText(shown(value), limits.text);
  const name = (value: string): string => cutText(shown(value), limits.name);
  const path = (value: string): string => cutText(shown(value), limits.path);
  const names = (values: readonly string[]): readonly string[] => values.slice(0, limits.names).map(name);
  const { failure, running, changed, seen_before: seen, critical_path: critical } = whole;
  const shrinkError = (error: ExplainedError): ExplainedError => ({
    ...error,
    tool: name(error.tool),
    message: text(error.message),
    ...(error.file !== undefined && { file: cutText(error.file, Math.min(limits.path, 200)) }),
    ...(error.code !== undefined && { code: name(error.code) }),
    ...(error.test !== undefined && { test: cutText(shown(error.test), limits.text) }),
  });
  return {
    ...whole,
    run_id: name(whole.run_id),
    run_dir: path(whole.run_dir),
    summary: text(whole.summary),
    ...(whole.started_at !== undefined && { started_at: name(whole.started_at) }),
    ...(failure !== undefined && { failure: shrinkFailure(failure, { text, name, path }) }),
    errors: whole.errors.slice(0, limits.errors).map(shrinkError),
    lines: whole.lines.slice(0, limits.lines).map((line) => cutText(line, limits.line)),
    blocked: names(whole.blocked),
    other_failures: whole.other_failures
      .slice(0, limits.names)
      .map((other, index) => shrinkOther(other, index < limits.others, { name, text, shrinkError })),
    stopped: names(whole.stopped),
    ...(running !== undefined && {
      running: running.slice(0, limits.others).map((work) => ({
        ...work,
        job_id: name(work.job_id),
        ...(work.command !== undefined && { command: text(work.command) }),
        ...(work.name !== undefined && { name: name(work.name) }),
        ...(work.last_line !== undefined && { last_line: cutText(work.last_line, limits.line) }),
      })),
    }),
    ...(changed !== undefined && {
      changed: {
        ...changed,
        ...(changed.since_run_id !== undefined && { since_run_id: name(changed.since_run_id) }),
        commits: changed.commits
          .slice(0, limits.names)
          .map(({ sha, subject }) => ({ sha: name(sha), subject: name(shown(subject)) })),
        files: changed.files.slice(0, limits.names).map(name),
        files_in_errors: changed.files_in_errors.slice(0, limits.errors).map(name),
        left_out_jobs: names(changed.left_out_jobs),
        sentence: text(changed.sentence),
      },
    }),
    ...(seen !== undefined && {
      seen_before: {
        ...seen,
        runs: seen.runs
          .slice(0, limits.names)
          .map((run) => ({ run_id: name(run.run_id), started_at: name(run.started_at) })),
      },
    }),
    ...(critical !== undefined && {
      critical_path: critical.slice(0, limits.names).map((job) => ({ ...job, job_id: name(job.job_id) })),
    }),
    open: whole.open.slice(0, FEW).map(path),
    open_bytes: whole.open_bytes.slice(0, FEW),
    next: whole.next.slice(0, FEW).map(path),
    notes: whole.notes.slice(0, 2).map(text),
  };
}

// oxlint-disable-next-line no-control-regex -- replacing control characters is what this is for
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/g;

/** Documents come from disk, and their names end in terminals. */
function shown(value: string): string {
  return value.replace(CONTROL, "\uFFFD");
}

/** @param isTold - Whether with its cause. */
function shrinkOther(
  { command, name: ofStep, error, step, ...other }: OtherFailure,
  isTold: boolean,
  cut: {
    readonly name: (value: string) => string;
    readonly text: (value: string) => string;
    readonly shrinkError: (error: ExplainedError) => ExplainedError;
  },
): OtherFailure {
  return {
    ...other,
    job_id: cut.name(other.job_id),
    ...(isTold && step !== undefined && { step }),
    ...(isTold && command !== undefined && { command: cut.text(command) }),
    ...(isTold && ofStep !== undefined && { name: cut.name(ofStep) }),
    ...(isTold && error !== undefined && { error: cut.shrinkError(error) }),
  };
}

function shrinkFailure(
  failure: NonNullable<Explanation["failure"]>,
  cut: {
    readonly text: (value: string) => string;
    readonly name: (value: string) => string;
    readonly path: (value: string) => string;
  },
): NonNullable<Explanation["failure"]> {
  const { text, name, path } = cut;
  const { error, meaning, left_out: leftOut } = failure;
  return {
    ...failure,
    ...(failure.job_id !== undefined && { job_id: name(failure.job_id) }),
    ...(failure.stage !== undefined && { stage: name(failure.stage) }),
    ...(failure.section !== undefined && { section: name(failure.section) }),
    ...(failure.command !== undefined && { command: text(failure.command) }),
    ...(failure.name !== undefined && { name: name(failure.name) }),
    ...(failure.signal !== undefined && { signal: name(failure.signal) }),
    ...(error !== undefined && {
      error: { code: errorCode(name(error.code)), message: text(error.message) },
    }),
    ...(leftOut !== undefined && {
      left_out: {
        folder: path(leftOut.folder),
        path: path(leftOut.path),
        message: text(leftOut.message),
      },
    }),
    ...(meaning !== undefined && { meaning: { code: meaning.code, message: text(meaning.message) } }),
  };
}
