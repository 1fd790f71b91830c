import { isTerminal, type JobStateEvent, spokenDuration, type StreamRef, unreachable } from "@loom/core";
import type { LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { heldJob } from "@loom/record";
import { cleanLine } from "../text/clean-line.ts";
import { counted } from "../text/counted.ts";
import { endedCount, selectedCount } from "../view/job-counts.ts";
import type { JobView } from "../view/run-view.ts";
import { ViewModel } from "../view/view-model.ts";
import { withExcerpt } from "../view/with-excerpt.ts";
import { shownPath } from "./reporter.ts";
import { heldSentence } from "./held-lines.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import { unitEventsPath } from "./unit-label.ts";

/** Lines of a failed step that are read out. */
const READ_OUT = 10;

/**
 * Tells a run in whole sentences, one for each change: no signs, no columns, no
 * colours, nothing that is taken back.
 */
export class AccessibleReporter extends PrintingReporter {
  readonly #model = new ViewModel();

  override record(stream: StreamRef, record: LifecycleRecord): void {
    const wasKnown = this.#model.graph !== undefined;
    this.#model.record(stream, record);
    const { graph } = this.#model;
    if (!wasKnown && graph !== undefined) {
      this.#say(
        `The run has ${counted(graph.nodes.length, "job")} in ${counted(graph.stages.length, "stage")}.`,
      );
    }
    const held = heldJob(stream, record);
    if (held !== undefined) this.#say(heldSentence(held));
    if (record.event === "job_state") this.#moves(record);
  }

  override lines(stream: StreamRef, batch: LineBatch): void {
    this.#model.lines(stream, batch);
  }

  override finish(end: RunEnd): void {
    const view = this.#model.view();
    const { counts, startedAtMs = 0, finishedAtMs = 0 } = view;
    for (const id of view.failedIds) this.#explain(this.#model.job(id), end);
    const { error } = end.outcome;
    if (error !== undefined && error.jobId === undefined)
      this.#say(cleanLine(error.message.replaceAll("\n", " "), { color: false }));
    const how = { success: "succeeded", failure: "failed", cancelled: "was cancelled" }[end.outcome.status];
    this.#say(
      `The run ${how} after ${spokenDuration(finishedAtMs - startedAtMs)}: ${counts.success} of ${counted(selectedCount(counts), "job")} succeeded, ${counts.failed} failed, ${counts.blocked + counts.skipped} did not run.`,
    );
    this.#say(
      end.receiptPath === undefined
        ? "There is no receipt: it could not be written."
        : `The receipt is ${shownPath(end.receiptPath)}`,
    );
    this.flush();
  }

  #say(sentence: string): void {
    this.print(`${sentence}\n`);
  }

  #moves(record: JobStateEvent): void {
    const { job_id: id } = record;
    if (record.to === "running") return this.#say(`Job ${id} started.`);
    const job = isTerminal(record.to) ? this.#model.job(id) : undefined;
    if (job === undefined || (job.status === "skipped" && job.reason === "not_selected")) return undefined;
    const { counts } = this.#model;
    return this.#say(`${endSentence(job)} ${endedCount(counts)} of ${selectedCount(counts)} are done.`);
  }

  #explain(known: JobView | undefined, end: RunEnd): void {
    const job = known === undefined ? undefined : withExcerpt(known, end);
    if (job?.status !== "failed" || !job.blocking) return;
    const { failure } = job;
    this.#say(`The lines of job ${job.jobId} that tell why it failed:`);
    for (const line of failure.lines.slice(-READ_OUT))
      this.#say(cleanLine(line, { color: false, maxCharacters: 200 }));
    this.#say(
      `End of the lines of job ${job.jobId}. All of them are in ${end.logsDir}/${unitEventsPath(job.jobId, failure.unit)}`,
    );
  }
}

function endSentence(job: JobView): string {
  const after =
    "startedAtMs" in job && job.startedAtMs !== undefined && "finishedAtMs" in job
      ? ` after ${spokenDuration(job.finishedAtMs - job.startedAtMs)}`
      : "";
  switch (job.status) {
    case "success":
      return `Job ${job.jobId} succeeded${after}.`;
    case "cancelled":
      return `Job ${job.jobId} was cancelled${after}.`;
    case "failed": {
      const { unit, exitCode, signal, error } = job.failure;
      const where = unit.kind === "step" ? `, step ${unit.step}` : "";
      const why =
        exitCode !== undefined
          ? `, exit code ${exitCode}`
          : signal !== undefined
            ? `, signal ${signal}`
            : error === undefined
              ? ""
              : `, ${error.code}`;
      return `Job ${job.jobId} failed${after}${where}${why}${job.blocking ? "" : "; that is allowed"}.`;
    }
    case "skipped":
      return job.blockedBy.length === 0
        ? `Job ${job.jobId} did not run.`
        : `Job ${job.jobId} did not run because ${job.blockedBy.join(" and ")} failed.`;
    case "pending":
    case "ready":
    case "running":
      return `Job ${job.jobId} is ${job.status}.`;
    default:
      return unreachable(job);
  }
}
