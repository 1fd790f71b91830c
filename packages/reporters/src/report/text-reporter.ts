import {
  type EpochMs,
  formatDuration,
  isTerminal,
  type JobId,
  type JobStateEvent,
  type LogEvent,
  type PhaseFinishEvent,
  type PhaseStartEvent,
  type SectionName,
  type StreamRef,
  unreachable,
} from "@loom/core";
import type { Clock, LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { attemptStart, heldJob, type JobPause } from "@loom/record";
import { cleanLine } from "../text/clean-line.ts";
import { counted } from "../text/counted.ts";
import type { Tone } from "../text/palette.ts";
import type { FailureView, JobUnit, StepUnit } from "../view/run-view.ts";
import { ViewModel } from "../view/view-model.ts";
import { closingLines } from "./closing-lines.ts";
import { BlockedJobs, endedJobLine, jobLine, nameColumn } from "./job-lines.ts";
import { BatchJoiner } from "./batch-joiner.ts";
import { heldCommands, heldPlace } from "./held-lines.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import type { RunHeading, TextOutput } from "./reporter.ts";
import type { TextStyle } from "./text-style.ts";
import { failureWord, stepLine, unitLabel, unitTitle } from "./unit-label.ts";

/** How much a transcript tells. */
export interface TextReporterOptions {
  readonly output: TextOutput;
  readonly style: TextStyle;
  readonly heading: RunHeading;
  /** `verbose`: every section, step and note. */
  readonly detail: "plain" | "verbose";
  /** Whether every line that a job prints is shown. */
  readonly showOutput: boolean;
  /** By which it says every 30 s what still runs. Default: it does not. */
  readonly clock?: Clock | undefined;
  /** Follows the run for the reporter, and for whoever gave it: it gets each record from the reporter alone. */
  readonly model?: ViewModel | undefined;
}

/** How often it is said what still runs. Unit: milliseconds. */
const STILL_RUNNING_EVERY_MS = 30_000;

/** Jobs that are named then; the rest is counted. */
const STILL_RUNNING_JOBS = 3;

/** A shorter silence is none. Unit: milliseconds. */
const SILENCE_MS = 10_000;

/** Facts of a note beyond these characters are cut. */
const FACT_CHARACTERS = 120;

/**
 * Prints a run as lines that are never taken back: one when a job starts, one
 * when it ends, then the closing part.
 */
export class TextReporter extends PrintingReporter {
  readonly #options: TextReporterOptions;
  readonly #model: ViewModel;
  readonly #joiner = new BatchJoiner();
  readonly #prefixes = new Map<JobId, string>();
  /** When each running job printed something last. */
  readonly #lastLineMs = new Map<JobId, EpochMs>();
  readonly #blocked = new BlockedJobs();
  /** Notes of a run whose heading is still to come. */
  readonly #early: string[] = [];
  #nameWidth = 0;
  #stopTelling: () => void = () => undefined;

  constructor(options: TextReporterOptions) {
    super(options.output);
    this.#options = options;
    this.#model = options.model ?? new ViewModel();
  }

  override record(stream: StreamRef, record: LifecycleRecord): void {
    const unit = record.event === "phase_finish" ? this.#unitUnderWay(stream) : undefined;
    const before =
      record.event === "phase_start" && stream.kind === "job" ? this.#model.failure(stream.jobId) : undefined;
    const wasKnown = this.#model.graph !== undefined;
    this.#model.record(stream, record);
    if (!wasKnown && this.#model.graph !== undefined) return this.#printHeading();
    switch (record.event) {
      case "phase_start":
        return this.#phaseStarts(stream, record, before);
      case "phase_finish":
        return this.#phaseEnds(stream, record, unit);
      case "job_state":
        return this.#jobMoves(record);
      case "log":
        return this.#note(stream, record);
      default:
        return unreachable(record);
    }
  }

  override lines(stream: StreamRef, batch: LineBatch): void {
    this.#model.lines(stream, batch);
    const { clock } = this.#options;
    if (clock !== undefined && "jobId" in stream) this.#lastLineMs.set(stream.jobId, clock.now());
    if (!this.#options.showOutput) return;
    this.#printOutput(stream, this.#joiner.push(stream, batch));
    this.flush();
  }

  /** Forgets what was not printed yet: it is known from elsewhere. */
  drop(): void {
    this.forget();
  }

  override close(): void {
    this.#stopTelling();
    super.close();
  }

  override finish(end: RunEnd): void {
    this.#stopTelling();
    this.#printEarly();
    const { detail, style } = this.#options;
    for (const line of detail === "verbose" ? [] : this.#blocked.more(style)) this.#printLine(line);
    for (const line of closingLines(this.#options.style, this.#model.view(), end)) this.#printLine(line);
    this.flush();
  }

  #printEarly(): void {
    for (const line of this.#early.splice(0)) this.#printLine(line);
  }

  #printLine(line: string): void {
    this.print(`${line}\n`);
  }

  #printJob(jobId: JobId, word: string, tone: Tone, detail: string): void {
    this.#printLine(jobLine(this.#options.style, { word, tone, jobId, nameWidth: this.#nameWidth, detail }));
  }

  #printOutput(stream: StreamRef, lines: readonly string[]): void {
    if (stream.kind !== "step" && stream.kind !== "section") return;
    const prefix = this.#prefixOf(stream.jobId);
    const { links, palette } = this.#options.style;
    for (const line of lines) this.print(`${prefix}${cleanLine(line, { color: palette.color, links })}\n`);
  }

  /** The name and the command before what it prints: without them, a line does not say what printed it. */
  #printStep(jobId: JobId, step: StepUnit): void {
    const line = stepLine(step);
    if (line === undefined) return;
    this.print(`${this.#prefixOf(jobId)}${this.#options.style.palette.paint("dim", `$ ${line}`)}\n`);
  }

  #prefixOf(jobId: JobId): string {
    const known = this.#prefixes.get(jobId);
    if (known !== undefined) return known;
    const { palette, glyphs } = this.#options.style;
    const name = `${jobId.padEnd(this.#nameWidth)}${glyphs.gutter}`;
    const prefix = `${palette.paintJob(this.#prefixes.size, name)} `;
    this.#prefixes.set(jobId, prefix);
    return prefix;
  }

  #phaseStarts(stream: StreamRef, record: PhaseStartEvent, before: FailureView | undefined): void {
    const { attempt, fromStep } = attemptStart(stream, record) ?? { attempt: 1 };
    if (stream.kind === "job" && attempt > 1) {
      const why = before === undefined ? "" : `, after ${unitLabel(before.unit)} ${failureWord(before)}`;
      const from = fromStep === undefined ? "" : ` from step ${fromStep}`;
      this.#printJob(stream.jobId, "retry", "running", `attempt ${attempt}${from}${why}`);
    }
    const unit = this.#unitUnderWay(stream);
    if (unit?.kind !== "step" || stream.kind !== "step") return;
    if (this.#options.detail === "verbose")
      return this.#printJob(stream.jobId, "step", "dim", unitTitle(unit));
    if (this.#options.showOutput) this.#printStep(stream.jobId, unit);
  }

  #phaseEnds(stream: StreamRef, record: PhaseFinishEvent, unit: JobUnit | undefined): void {
    if (stream.kind !== "step" && stream.kind !== "section") return;
    if (this.#options.showOutput) this.#printOutput(stream, this.#joiner.end(stream));
    if (this.#options.detail !== "verbose" || unit === undefined) return;
    const { error } = record;
    const why = error === undefined ? "" : `  ${cleanLine(error.message, { color: false })}`;
    const detail = `${unitLabel(unit)}  ${record.status}  ${formatDuration(record.duration_ms)}${why}`;
    this.#printJob(stream.jobId, unit.kind, "dim", detail);
  }

  #unitUnderWay(stream: StreamRef): JobUnit | undefined {
    if (stream.kind === "section") return { kind: "section", section: stream.section };
    if (stream.kind !== "step") return undefined;
    const job = this.#model.job(stream.jobId);
    const unit = job?.status === "running" ? job.unit : undefined;
    return unit?.kind === "step" ? unit : { kind: "step", step: stream.step };
  }

  #jobMoves(record: JobStateEvent): void {
    if (record.to === "running") return this.#printJob(record.job_id, "start", "running", "");
    const job = isTerminal(record.to) ? this.#model.job(record.job_id) : undefined;
    if (job === undefined) return undefined;
    // With `--job`, hundreds of jobs may have been left out on purpose: their number is in the summary.
    const leftOut = job.status === "skipped" && job.reason === "not_selected";
    if (leftOut && this.#options.detail !== "verbose") return undefined;
    if (!this.#blocked.hasLine(job) && this.#options.detail !== "verbose") return undefined;
    const line = endedJobLine(this.#options.style, job, this.#nameWidth);
    if (line !== undefined) this.#printLine(line);
  }

  #note(stream: StreamRef, record: LogEvent): void {
    const held = heldJob(stream, record);
    if (held !== undefined) return this.#tellOfHeld(held);
    const serious = record.level === "warn" || record.level === "error";
    if (!serious && this.#options.detail !== "verbose") return this.#tellOfStore(stream, record);
    const tone = serious ? "cancelled" : "dim";
    const text = noteText(record);
    if (stream.kind === "step" || stream.kind === "section" || stream.kind === "job") {
      const where = stream.kind === "section" ? `${stream.section}: ` : "";
      return this.#printJob(stream.jobId, record.level, tone, where + text);
    }
    const line = `${this.#options.style.palette.paint(tone, record.level.padEnd(9))} ${text}`;
    // What is known before the workflow is compiled comes below the heading.
    if (this.#model.graph === undefined && !serious) this.#early.push(line);
    else this.#printLine(line);
    return undefined;
  }

  #tellOfHeld(held: { readonly jobId: JobId; readonly pause: JobPause }): void {
    const { style } = this.#options;
    const { runId } = this.#model.view();
    this.#printLine(
      `${style.palette.paint("cancelled", "held".padEnd(9))} ${heldPlace(style, this.#model, held)}`,
    );
    for (const command of Object.values(heldCommands(held.jobId, runId))) this.#printLine(`  ${command}`);
    this.flush();
  }

  /** What became of caches and artifacts, a line each: it is why a job was fast, or what is left of it. */
  #tellOfStore(stream: StreamRef, record: LogEvent): void {
    if (stream.kind !== "section" || record.level !== "info" || record["saved"] === false) return;
    const word = STORE_WORDS[stream.section];
    if (word !== undefined)
      this.#printJob(stream.jobId, word, "dim", cleanLine(record.message, { color: false }));
  }

  /** Says what runs and how long it has been silent, every 30 s: a hang is to be seen where nothing else is printed. */
  #tellWhatRuns(): void {
    const { clock, style } = this.#options;
    if (clock === undefined) return;
    this.#stopTelling = clock.after(STILL_RUNNING_EVERY_MS, () => {
      const running = this.#model.view().runningIds;
      const named = running.slice(0, STILL_RUNNING_JOBS).map((id) => this.#atWork(id, clock.now()));
      const more = running.length > named.length ? [`${running.length - named.length} more`] : [];
      if (named.length > 0) {
        const word = style.palette.paint("running", "running".padEnd(9));
        this.#printLine(`${word} ${[...named, ...more].join(", ")}`);
        this.flush();
      }
      this.#tellWhatRuns();
    });
  }

  #atWork(jobId: JobId, nowMs: EpochMs): string {
    const job = this.#model.job(jobId);
    if (job?.status !== "running") return jobId;
    if (job.paused !== undefined)
      return `${jobId} held for ${formatDuration(nowMs - job.paused.sinceMs)} after step ${job.paused.step}`;
    const { inside } = this.#options.style.glyphs;
    const at = job.unit === undefined ? "" : ` ${inside} ${unitTitle(job.unit)}`;
    const silentMs = nowMs - (this.#lastLineMs.get(jobId) ?? job.startedAtMs);
    const silent = silentMs < SILENCE_MS ? "" : ` (silent ${formatDuration(silentMs)})`;
    return `${jobId} ${formatDuration(nowMs - job.startedAtMs)}${at}${silent}`;
  }

  #printHeading(): void {
    this.#tellWhatRuns();
    const { heading, style } = this.#options;
    const view = this.#model.view();
    this.#nameWidth = nameColumn(view.jobs);
    const sizes = [counted(view.jobs.length, "job"), counted(view.stages.length, "stage")];
    if (heading.workers !== undefined) sizes.push(counted(heading.workers, "worker"));
    this.#printLine(
      `${style.palette.paint("bold", "loom run")}  ${heading.workflowPath}  ${sizes.join(", ")}`,
    );
    this.#printLine(`logs: ${heading.logsDir}`);
    if (view.workspace !== undefined)
      this.#printLine(
        `jobs work in: ${view.workspace.isSnapshot ? view.workspace.path : "the checkout itself"}`,
      );
    this.#printEarly();
  }
}

/** The sections that bring files to a job or take them from it, as a line names them. */
const STORE_WORDS: { readonly [S in SectionName]?: string } = {
  cache_restore: "cache",
  cache_save: "cache",
  artifact_extract: "artifacts",
  artifact_save: "artifacts",
};

function noteText(record: LogEvent): string {
  const { seq: _seq, ts: _ts, event: _event, level: _level, message, ...facts } = record;
  const named = Object.entries(facts).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${name}=${cleanLine(text, { color: false, maxCharacters: FACT_CHARACTERS })}`;
  });
  return [cleanLine(message, { color: false }), ...named].join("  ");
}
