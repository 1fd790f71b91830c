import { isTerminal, type JobId, type StreamRef, type PhaseStartEvent } from "@loom/core";
import type { LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { attemptStart, heldJob } from "@loom/record";
import { cleanLine } from "../text/clean-line.ts";
import { ViewModel } from "../view/view-model.ts";
import { stepLine } from "./unit-label.ts";
import { closingLines } from "./closing-lines.ts";
import { foldBlock, guardCommands, type Fold } from "./fold.ts";
import { githubAnnotations } from "./github-annotations.ts";
import { BlockedJobs, endedJobLine, nameColumn } from "./job-lines.ts";
import { BatchJoiner } from "./batch-joiner.ts";
import { placedErrors } from "./placed-errors.ts";
import { heldCommands, heldPlace } from "./held-lines.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import type { RunHeading, TextOutput } from "./reporter.ts";
import type { TextStyle } from "./text-style.ts";

/** What the reporter needs. */
export interface GroupReporterOptions {
  readonly output: TextOutput;
  readonly style: TextStyle;
  readonly heading: RunHeading;
  readonly fold: Fold;
}

/** What is held back of one job; the rest is in its files. Unit: UTF-16 units. */
const HELD = 1024 * 1024;

interface Held {
  text: string;
  dropped: number;
}

/**
 * Prints what each job printed in one piece when it ends, folded where the
 * runner folds; what failed stays open, and comes last.
 */
export class GroupReporter extends PrintingReporter {
  readonly #options: GroupReporterOptions;
  readonly #model = new ViewModel();
  readonly #joiner = new BatchJoiner();
  readonly #held = new Map<JobId, Held>();
  readonly #blocked = new BlockedJobs();
  #nameWidth = 0;
  #failed = "";

  constructor(options: GroupReporterOptions) {
    super(options.output);
    this.#options = options;
  }

  override record(stream: StreamRef, record: LifecycleRecord): void {
    const wasKnown = this.#model.graph !== undefined;
    this.#model.record(stream, record);
    if (!wasKnown && this.#model.graph !== undefined) {
      const { style, heading } = this.#options;
      this.#nameWidth = nameColumn(this.#model.view().jobs);
      this.print(
        `${style.palette.paint("bold", "loom run")}  ${heading.workflowPath}\nlogs: ${heading.logsDir}\n`,
      );
    }
    const held = heldJob(stream, record);
    if (held !== undefined) {
      const { palette } = this.#options.style;
      const place = heldPlace(this.#options.style, this.#model, held);
      const commands = Object.values(heldCommands(held.jobId));
      this.print(
        `${palette.paint("cancelled", "held".padEnd(9))} ${place}\n${commands.map((each) => `  ${each}\n`).join("")}`,
      );
      this.flush();
    }
    if (record.event === "phase_start") this.#begins(stream, record);
    if (record.event === "phase_finish" && (stream.kind === "step" || stream.kind === "section")) {
      this.#hold(stream.jobId, this.#joiner.end(stream));
    }
    if (record.event !== "job_state") return;
    if (record.to === "running") {
      const { palette } = this.#options.style;
      this.print(`${palette.paint("running", "start".padEnd(9))} ${record.job_id}\n`);
    }
    if (isTerminal(record.to)) this.#ends(record.job_id);
  }

  /** A step with its name and command, and an attempt with its number: what is printed does not say what printed it. */
  #begins(stream: StreamRef, record: PhaseStartEvent): void {
    const { attempt, fromStep } = attemptStart(stream, record) ?? { attempt: 1 };
    if (stream.kind === "job" && attempt > 1)
      this.#hold(stream.jobId, [
        `attempt ${attempt}${fromStep === undefined ? "" : `, from step ${fromStep}`}`,
      ]);
    if (stream.kind !== "step") return;
    const step = this.#model.steps(stream.jobId)[stream.step - 1];
    const line = step && stepLine(step);
    if (line !== undefined) this.#hold(stream.jobId, [`$ ${line}`]);
  }

  override lines(stream: StreamRef, batch: LineBatch): void {
    this.#model.lines(stream, batch);
    if (stream.kind !== "step" && stream.kind !== "section") return;
    this.#hold(stream.jobId, this.#joiner.push(stream, batch));
  }

  override finish(end: RunEnd): void {
    const { style, fold } = this.#options;
    const lines = [...this.#blocked.more(style), ...closingLines(style, this.#model.view(), end)];
    const receipt = lines.pop() ?? "";
    this.print(this.#failed);
    if (fold.kind === "github") this.print(githubAnnotations(placedErrors(end)));
    // The closing part repeats what jobs printed; the receipt stays the last line.
    this.print(guardCommands(fold, lines.map((line) => `${line}\n`).join("")));
    this.print(`${receipt}\n`);
    this.flush();
  }

  #hold(jobId: JobId, lines: readonly string[]): void {
    const known = this.#held.get(jobId);
    const held = known ?? { text: "", dropped: 0 };
    if (known === undefined) this.#held.set(jobId, held);
    const { links, palette } = this.#options.style;
    for (const line of lines) {
      if (held.text.length > HELD) {
        held.dropped += 1;
        continue;
      }
      held.text += `${cleanLine(line, { color: palette.color, links })}\n`;
    }
  }

  #ends(jobId: JobId): void {
    const { style, fold, heading } = this.#options;
    const job = this.#model.job(jobId);
    if (job === undefined || (job.status === "skipped" && job.reason === "not_selected")) return;
    if (!this.#blocked.hasLine(job)) return;
    const title = endedJobLine(style, job, this.#nameWidth);
    const held = this.#held.get(jobId);
    this.#held.delete(jobId);
    if (title === undefined) return;
    if (held === undefined || held.text === "") {
      this.print(`${title}\n`);
      return;
    }
    const failed = job.status === "failed" && job.blocking;
    const more =
      held.dropped === 0
        ? ""
        : `${style.glyphs.ellipsis} ${held.dropped} lines not shown, see ${heading.logsDir}/jobs/${jobId}\n`;
    const startedAtMs = ("startedAtMs" in job ? job.startedAtMs : undefined) ?? 0;
    const finishedAtMs = "finishedAtMs" in job ? job.finishedAtMs : startedAtMs;
    const block = foldBlock(fold, {
      name: jobId,
      title,
      text: held.text + more,
      open: failed,
      fromSeconds: Math.floor(startedAtMs / 1000),
      toSeconds: Math.floor(finishedAtMs / 1000),
    });
    if (failed) {
      this.#failed += block;
      this.print(`${title}\n`);
    } else this.print(block);
  }
}
