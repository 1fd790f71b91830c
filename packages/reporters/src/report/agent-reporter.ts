import { foundErrorText, isTerminal, type StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { heldJob } from "@loom/record";
import { cleanLine } from "../text/clean-line.ts";
import { counted } from "../text/counted.ts";
import type { FailedJobView, RunView } from "../view/run-view.ts";
import { ViewModel } from "../view/view-model.ts";
import { withExcerpt } from "../view/with-excerpt.ts";
import { heldCommands, heldPlace } from "./held-lines.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import { receiptLine, shownPath, type TextOutput } from "./reporter.ts";
import { runErrorLines } from "./run-error-lines.ts";
import { summaryLine } from "./summary-line.ts";
import type { TextStyle } from "./text-style.ts";
import { failureTitle } from "./unit-label.ts";

/** All that is printed of a run. Source: docs/agents.md#the-output-of-a-run; an agent reads every line, and pays for it. */
const MOST = { lines: 40, bytes: 4096 } as const;

/** Failed jobs that are named as soon as they failed; more come at the end. */
const LIVE_FAILURES = 5;

/** Failed jobs that are shown at the end; the rest is counted. */
const SHOWN_FAILURES = 8;

/** Errors of a failed job. */
const SHOWN_ERRORS = 3;

/** Lines of an error that belongs to no job. */
const RUN_ERROR_LINES = 20;

/** Characters of a line; only paths and commands, which have to be whole, are longer. */
const LINE_CHARACTERS = 200;

/** Commands that lead on. */
const NEXT_COMMANDS = 3;

/** Characters of a command: one that is longer says too little for its price. */
const NEXT_CHARACTERS = 300;

/**
 * Prints a run for a program that reads every line: failed jobs as soon as they
 * failed, and nothing else until the end. Then how the run ended, the errors and
 * the telling lines of failed jobs, what to run next, and the receipt, which is
 * always the last line.
 *
 * Of several failed jobs each has the same share of the room.
 */
export class AgentReporter extends PrintingReporter {
  readonly #style: TextStyle;
  readonly #model = new ViewModel();
  #failures = 0;
  #lines: number = MOST.lines;
  #bytes: number = MOST.bytes;

  constructor(output: TextOutput, style: TextStyle) {
    super(output);
    this.#style = style;
  }

  override record(stream: StreamRef, record: LifecycleRecord): void {
    this.#model.record(stream, record);
    const held = heldJob(stream, record);
    if (held !== undefined) {
      const { runId } = this.#model.view();
      this.#print([
        `held: ${this.#cut(heldPlace(this.#style, this.#model, held))}`,
        ...Object.values(heldCommands(held.jobId, runId)).map((command) => `  ${command}`),
      ]);
      this.flush();
    }
    if (record.event !== "job_state" || !isTerminal(record.to)) return;
    const job = this.#model.job(record.job_id);
    if (job?.status !== "failed" || !job.blocking) return;
    this.#failures += 1;
    if (this.#failures <= LIVE_FAILURES)
      this.#print([`failed: ${this.#cut(failureTitle(this.#style, job))}`]);
  }

  override lines(stream: StreamRef, batch: LineBatch): void {
    this.#model.lines(stream, batch);
  }

  override finish(end: RunEnd): void {
    const view = this.#model.view();
    const failed = failedJobs(view, end);
    const head = [summaryLine(this.#style, view, end.outcome.status), ...this.#runError(end)];
    const unshown = failed.length - SHOWN_FAILURES;
    const tail = [
      ...(unshown > 0
        ? [`${this.#style.glyphs.ellipsis} and ${counted(unshown, "more failed job")}: loom explain`]
        : []),
      ...this.#leadingOn(end),
      receiptLine(end),
    ];
    this.#print(head);
    this.#lines -= tail.length;
    this.#bytes -= bytesOf(tail);
    const shown = failed.slice(0, SHOWN_FAILURES);
    for (const [index, job] of shown.entries()) {
      const after = shown.length - index;
      this.#print(
        this.#failure(job, end, {
          lines: Math.floor(this.#lines / after),
          bytes: Math.floor(this.#bytes / after),
        }),
      );
    }
    this.print(tail.map((line) => `${line}\n`).join(""));
    this.flush();
  }

  /** What failed, and of its errors and the lines that tell why as much as there is room for. */
  #failure(
    job: FailedJobView,
    end: RunEnd,
    room: { readonly lines: number; readonly bytes: number },
  ): string[] {
    const { failure } = job;
    // An exit code says it all; anything else has a message of its own.
    const message =
      failure.error === undefined || failure.error.code === "exit_code" ? [] : [failure.error.message];
    const errors = (end.errors?.get(job.jobId) ?? []).slice(0, SHOWN_ERRORS).map(foundErrorText);
    const title = this.#cut(failureTitle(this.#style, job));
    const told = [
      ...[...message, ...errors].map((text) => `  error: ${this.#cut(text)}`),
      ...failure.lines.map((line) => `    ${this.#cut(line)}`.trimEnd()),
    ];
    const lines = [title];
    let bytes = bytesOf(lines);
    for (const line of told) {
      bytes += bytesOf([line]);
      if (lines.length >= room.lines || bytes > room.bytes) break;
      lines.push(line);
    }
    return lines;
  }

  #runError({ outcome }: RunEnd): string[] {
    const { error, status } = outcome;
    if (error === undefined || error.jobId !== undefined) return [];
    const lines = runErrorLines(this.#style, status, error).map((line) => this.#cut(line));
    const left = lines.length - RUN_ERROR_LINES;
    return left > 0
      ? [
          ...lines.slice(0, RUN_ERROR_LINES),
          `${this.#style.glyphs.ellipsis} and ${counted(left, "more line")}`,
        ]
      : lines;
  }

  /** What to run next; of a run that succeeded, where its evidence is. */
  #leadingOn({ outcome, next, logsDir }: RunEnd): string[] {
    if (outcome.status === "success") return [`logs: ${shownPath(logsDir)}`];
    const commands = (next ?? [])
      .filter((command) => command.length <= NEXT_CHARACTERS)
      .slice(0, NEXT_COMMANDS);
    return ["loom explain", ...commands].map((command) => `next: ${shownPath(command)}`);
  }

  #cut(text: string): string {
    return cleanLine(text, {
      color: false,
      maxCharacters: LINE_CHARACTERS,
      ellipsis: this.#style.glyphs.ellipsis,
    });
  }

  #print(lines: readonly string[]): void {
    this.#lines -= lines.length;
    this.#bytes -= bytesOf(lines);
    this.print(lines.map((line) => `${line}\n`).join(""));
  }
}

/** The failed jobs that count against the run, with the lines that tell why. */
function failedJobs({ jobs, failedIds }: RunView, end: RunEnd): readonly FailedJobView[] {
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  return failedIds.flatMap((id) => {
    const job = byId.get(id);
    const shown = job && withExcerpt(job, end);
    return shown?.status === "failed" && shown.blocking ? [shown] : [];
  });
}

const encoder = new TextEncoder();

/** With their newlines. */
function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + encoder.encode(line).length + 1, 0);
}
