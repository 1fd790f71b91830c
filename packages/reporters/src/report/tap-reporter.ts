import { isTerminal, unreachable, type StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { cleanLine } from "../text/clean-line.ts";
import type { FailedJobView, JobView } from "../view/run-view.ts";
import { ViewModel } from "../view/view-model.ts";
import { skipDetail } from "./job-lines.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import type { TextOutput } from "./reporter.ts";
import { guardJson } from "./runner-commands.ts";
import { failureWord, unitEventsPath, unitTitle } from "./unit-label.ts";

/** Last lines of a failed unit that stand in its diagnostics. */
const SHOWN_LINES = 20;

/**
 * Prints a test point for each job, as it ends, for whatever reads the Test
 * Anything Protocol. A job that may fail is a `TODO`, one that did not run a
 * `SKIP`.
 *
 * Source: TAP 14 specification, testanything.org.
 */
export class TapReporter extends PrintingReporter {
  readonly #model = new ViewModel();
  #points = 0;

  constructor(output: TextOutput) {
    super(output);
    this.print("TAP version 14\n");
  }

  override record(stream: StreamRef, record: LifecycleRecord): void {
    this.#model.record(stream, record);
    if (record.event !== "job_state" || !isTerminal(record.to)) return;
    const job = this.#model.job(record.job_id);
    if (job !== undefined) this.#point(job);
  }

  override lines(stream: StreamRef, batch: LineBatch): void {
    this.#model.lines(stream, batch);
  }

  override finish({ outcome, logsDir, receiptPath }: RunEnd): void {
    this.print(`1..${this.#points}\n`);
    if (outcome.error !== undefined && outcome.error.jobId === undefined)
      this.print(`Bail out! ${oneLine(outcome.error.message)}\n`);
    this.print(`# ${outcome.status}\n# logs: ${oneLine(logsDir)}\n`);
    if (receiptPath !== undefined) this.print(`# receipt: ${oneLine(receiptPath)}\n`);
    this.flush();
  }

  #point(job: JobView): void {
    this.#points += 1;
    const name = `${this.#points} - ${job.jobId}`;
    switch (job.status) {
      case "success":
        return this.print(`ok ${name}\n`);
      case "skipped": {
        const why = skipDetail(job);
        return this.print(`ok ${name} # SKIP ${job.reason}${why === "" ? "" : `: ${why}`}\n`);
      }
      case "cancelled":
        return this.print(`not ok ${name} # cancelled\n`);
      case "failed":
        this.print(`not ok ${name}${job.blocking ? "" : " # TODO it may fail"}\n`);
        return this.#diagnose(job);
      case "pending":
      case "ready":
      case "running":
        return undefined;
      default:
        return unreachable(job);
    }
  }

  #diagnose({ jobId, failure, startedAtMs, finishedAtMs }: FailedJobView): void {
    const fields: (readonly [string, unknown])[] = [
      ["message", failure.error?.message ?? failureWord(failure)],
      ["at", unitTitle(failure.unit)],
      ["exit_code", failure.exitCode],
      ["signal", failure.signal],
      ["duration_ms", startedAtMs === undefined ? undefined : finishedAtMs - startedAtMs],
      ["events_path", unitEventsPath(jobId, failure.unit)],
      ["lines", failure.lines.slice(-SHOWN_LINES).map((line) => cleanLine(line, { color: false }))],
    ];
    const known = fields.filter(([, value]) => value !== undefined);
    // JSON is YAML.
    const yaml = known.map(([key, value]) => `  ${key}: ${guardJson(JSON.stringify(value))}\n`).join("");
    this.print(`  ---\n${yaml}  ...\n`);
  }
}

function oneLine(text: string): string {
  return cleanLine(text.replaceAll("\n", " "), { color: false });
}
