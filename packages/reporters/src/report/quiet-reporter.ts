import type { LifecycleRecord, RunEnd } from "@loom/ports";
import type { StreamRef } from "@loom/core";
import { cleanLine } from "../text/clean-line.ts";
import { ViewModel } from "../view/view-model.ts";
import { receiptLine, type TextOutput } from "./reporter.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import type { TextStyle } from "./text-style.ts";
import { failureTitle } from "./unit-label.ts";

/** Failed jobs that are named; the rest is counted. */
const MOST_NAMED = 20;

/** Prints how the run ended, which jobs failed, and where its receipt is; nothing before. */
export class QuietReporter extends PrintingReporter {
  readonly #style: TextStyle;
  readonly #model = new ViewModel();

  constructor(output: TextOutput, style: TextStyle) {
    super(output);
    this.#style = style;
  }

  override record(stream: StreamRef, record: LifecycleRecord): void {
    this.#model.record(stream, record);
  }

  override lines(): void {}

  override finish(end: RunEnd): void {
    const { outcome } = end;
    const lines = [outcome.status, ...this.#failures(), ...runProblem(end), receiptLine(end)];
    this.print(lines.map((line) => `${line}\n`).join(""));
    this.flush();
  }

  #failures(): readonly string[] {
    const { jobs, failedIds } = this.#model.view();
    const { ellipsis } = this.#style.glyphs;
    const byId = new Map(jobs.map((job) => [job.jobId, job]));
    const failed = failedIds
      .map((id) => byId.get(id))
      .filter((job) => job?.status === "failed" && job.blocking);
    const named = failed.slice(0, MOST_NAMED).flatMap((job) => {
      if (job?.status !== "failed") return [];
      return [`failed: ${failureTitle(this.#style, job)}`];
    });
    const more = failed.length - named.length;
    return more > 0 ? [...named, `${ellipsis} and ${more} more failed`] : named;
  }
}

/** A cause that belongs to no job. */
function runProblem({ outcome }: RunEnd): readonly string[] {
  const { error, status } = outcome;
  if (error === undefined || error.jobId !== undefined || status !== "failure") return [];
  return [`error: ${cleanLine(error.message.split("\n")[0] ?? "", { color: false })}`];
}
