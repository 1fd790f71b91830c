import { existsSync, readFileSync } from "node:fs";
import {
  err,
  isTerminal,
  ok,
  unreachable,
  type EpochMs,
  type EventError,
  type JobId,
  type Result,
  type RunIdentity,
  type RunResult,
  type StreamRef,
} from "@loom/core";
import type { Clock, LifecycleRecord, LineBatch, RecordSink } from "@loom/ports";
import {
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
  RUN_SUMMARY_PATH,
  streamPath,
  unitDirectory,
  millisecondsBetween,
  wireTime,
} from "@loom/record";
import { systemErrorOf, type SystemError } from "@loom/system";
import { encodeEvent } from "../codec/encode-event.ts";
import { formatDocument } from "../documents/format-document.ts";
import type { ExecutorReceipt, Receipt } from "../documents/receipt.ts";
import { executorReceipt, pipelineManifest, pipelineSummary } from "../projection/pipeline-documents.ts";
import { RunProjection, type DocumentChange } from "../projection/run-projection.ts";
import { runSummary } from "../projection/run-summary.ts";
import { withoutEvidence } from "../projection/without-evidence.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Directories } from "./directories.ts";
import { SYSTEM_DISK, type Disk } from "./disk.ts";
import { EventFile } from "./event-file.ts";
import { JobStreams } from "./job-streams.ts";
import { writeDocument } from "./write-document.ts";
import { writeError } from "./write-error.ts";

/**
 * How long a record may wait in memory, in milliseconds.
 *
 * docs/contract.md#events allows 50; Node timers can fire a few milliseconds late.
 */
const FLUSH_INTERVAL_MS = 40;

/** Output is handed on at once when this much of one stream waits: larger writes were not measurably faster. */
const FLUSH_BYTES = 128 * 1024;

/** Where and how a run is recorded. */
export interface RunRecorderOptions {
  /** Absolute path of the run's directory, which exists. */
  readonly runDirectory: string;
  readonly identity: RunIdentity;
  /**
   * Called once, with the first piece of evidence that could not be written:
   * in the middle of the call, or the timer, that found it.
   */
  readonly onFault: (fault: EventError) => void;
  /**
   * Called for every record once it has its place in a stream; twice for a mirrored one.
   * `line` is from 1; `bytes` is the length of the line with its newline.
   */
  readonly onWritten?:
    | ((streamPath: string, line: number, record: LifecycleRecord, bytes: number) => void)
    | undefined;
  /** Called for `count` lines of output from line `line` on, which became `bytes` bytes. */
  readonly onLines?:
    | ((streamPath: string, line: number, firstSeq: number, count: number, bytes: number) => void)
    | undefined;
  /** Where the evidence goes. Default: the disk of this machine. */
  readonly disk?: Disk | undefined;
  /** Calls back once output has waited for long enough. Default: a timer that no process waits for. */
  readonly after?: Clock["after"] | undefined;
}

/** What the documents at the end of a run need beyond its records. */
export interface FinalDocuments {
  readonly outcome: RunResult;
  readonly finishedAtMs: EpochMs;
  /** The validator's report, ready to be written, and its verdict. */
  readonly phaseReport: { readonly status: "valid" | "invalid"; readonly document: object };
}

/** Writes the evidence of one run: streams as things happen, documents as their unit closes. */
export interface RunRecorder extends RecordSink {
  /**
   * Writes the pipeline's documents, the phase report and the run's summary.
   * Retries documents that could not be written before.
   *
   * A success with a stream that the disk still refuses is written as the failure that it is.
   *
   * @returns `ARTIFACTS_WRITE_FAILED` with the first stream or document that is not whole. What could be written is.
   */
  finalDocuments(final: FinalDocuments): Result<void, EventError>;
  /** The receipt's part about the jobs, from the records so far. */
  executorReceipt(concurrency: number): ExecutorReceipt;
  /**
   * Writes the receipt.
   *
   * @param path - Absolute; its directory exists.
   */
  writeReceipt(path: string, receipt: Receipt): Result<void, EventError>;
  /** Hands on what is pending and gives every handle back. Called once, after the last record. */
  close(): void;
  /**
   * Whether the run has closed on disk: its last record is there, after every
   * document. One that has not is closed by recovery once the disk lets it.
   */
  readonly isClosed: boolean;
}

/** Opens the evidence of a run for writing. Nothing is created before the first record. */
export function createRunRecorder(options: RunRecorderOptions): RunRecorder {
  return new DiskRecorder(options);
}

/** Something that the streams of a run already hold. */
export type PastRecord =
  | { readonly kind: "record"; readonly stream: StreamRef; readonly record: LifecycleRecord }
  /** All the output of one attempt at a step, given before the step's finish. */
  | {
      readonly kind: "output";
      readonly jobId: JobId;
      readonly step: number;
      readonly lines: number;
      readonly bytes: number;
    };

/**
 * Opens the evidence of a run that its own recorder did not close, for the
 * records that are missing.
 *
 * Documents that follow from the past and are not there, or say something else,
 * are written, steps of replaced attempts moved to their place.
 *
 * @param past - What the streams hold, in the order of `seq`; the streams end with a newline.
 */
export function resumeRunRecorder(options: RunRecorderOptions, past: Iterable<PastRecord>): RunRecorder {
  const recorder = new DiskRecorder(options);
  recorder.recall(past);
  return recorder;
}

class DiskRecorder implements RunRecorder {
  readonly #options: RunRecorderOptions;
  readonly #disk: Disk;
  readonly #after: Clock["after"];
  readonly #root: string;
  readonly #buffers = new BufferPool();
  readonly #directories: Directories;
  readonly #projection: RunProjection;
  readonly #run: EventFile;
  readonly #pipeline: EventFile;
  readonly #jobs = new Map<JobId, JobStreams>();
  /** The streams with something pending, in the order in which they came to have it. */
  readonly #dirty = new Set<EventFile>();
  /** The stream that last got something pending. */
  #lastDirty: EventFile | undefined;
  /**
   * The stream that the disk refused, and those that have to wait for it. Their unit may be over, so they release
   * their handle once all is written.
   */
  readonly #refused = new Map<EventFile, SystemError>();
  /** While a stream is refused: what is pending, in the order of the run. Empty otherwise. */
  #backlog: { readonly file: EventFile; bytes: number }[] = [];
  /** The documents that could not be written, by path relative to the run's directory. */
  readonly #unwritten = new Map<string, UnwrittenDocument>();
  /** The directories that could not be moved, and why. */
  readonly #unmoved = new Map<DocumentMove, SystemError>();
  #cancelTimer: (() => void) | undefined;
  #faulted = false;
  #isEnding = false;
  #isReceiptLost = false;
  #isClosed = false;

  constructor(options: RunRecorderOptions) {
    this.#options = options;
    this.#disk = options.disk ?? SYSTEM_DISK;
    this.#after = options.after ?? afterUnawaited;
    this.#root = `${options.runDirectory}/`;
    this.#directories = new Directories(this.#disk, this.#root);
    this.#projection = new RunProjection(options.identity);
    this.#run = this.#topFile({ kind: "run" });
    this.#pipeline = this.#topFile({ kind: "pipeline" });
  }

  /** Takes what the streams hold already: only documents may have to follow, and moves. */
  recall(past: Iterable<PastRecord>): void {
    const documents = new Map<string, DocumentChange & { readonly kind: "write" }>();
    for (const item of past) {
      if (item.kind === "output") {
        this.#projection.recallOutput(item);
        continue;
      }
      for (const change of this.#projection.record(item.stream, item.record)) {
        if (change.kind === "write") documents.set(change.path, change);
        else this.#recallMove(change, documents);
      }
    }
    for (const change of documents.values()) {
      if (textOf(this.#root + change.path) !== formatDocument(change.document)) this.#apply(change);
    }
  }

  /** Documents of a replaced attempt moved along with it, before or just now. */
  #recallMove(
    change: DocumentMove,
    documents: Map<string, DocumentChange & { readonly kind: "write" }>,
  ): void {
    for (const path of documents.keys()) {
      if (path.startsWith(change.from)) documents.delete(path);
    }
    if (!existsSync(this.#root + change.to) && existsSync(this.#root + change.from)) this.#apply(change);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    const isLast = record.event === "phase_finish" && record.phase_code === "run.finalize";
    // The last record promises that every document is there: without them the run stays open.
    if (isLast && (this.#isReceiptLost || this.#firstLoss() !== undefined)) return;
    const changes = this.#projection.record(stream, record);
    const line = encodeEvent(record);
    const file = this.#fileOf(stream);
    this.#append(file, line, record);
    if (isMirrored(stream, record)) {
      const { execution } = this.#jobOf(stream.jobId);
      this.#append(execution, line, record);
      if (stream.kind === "job" && record.event === "phase_finish") this.#finish(execution);
    }
    if (record.event === "phase_finish" && (stream.kind === "step" || stream.kind === "section")) {
      this.#finish(file);
    }
    if (record.event === "job_state" && isTerminal(record.to)) this.#endJob(record.job_id, changes);
    else for (const change of changes) this.#apply(change);
    if (isLast) {
      this.flush();
      this.#isClosed = !this.#refused.has(file);
    }
  }

  lines(stream: StreamRef, batch: LineBatch): void {
    const file = this.#fileOf(stream);
    const line = file.lines + 1;
    const bytes = file.appendLines(batch);
    if (bytes === undefined) return;
    const count = batch.ends.length;
    this.#projection.output(stream, batch, printedBytes(batch));
    this.#options.onLines?.(file.streamPath, line, batch.firstSeq, count, bytes);
    this.#markDirty(file, bytes);
    if (file.pendingBytes >= FLUSH_BYTES) this.#flushFile(file);
  }

  flush(): void {
    for (const file of this.#dirty) {
      this.#flushFile(file);
      if (this.#refused.size > 0) return;
    }
  }

  finalDocuments(final: FinalDocuments): Result<void, EventError> {
    // What was removed may be there again, but empty.
    if (this.#faulted) this.#directories.invalidate();
    this.flush();
    // What can be written is: where streams are not whole, recovery puts the documents right.
    this.#isEnding = true;
    this.#retryDocuments();
    const { identity } = this.#options;
    const lost = this.#firstRefusal();
    const { phaseReport } = final;
    const outcome = lost === undefined ? final.outcome : withoutEvidence(final.outcome, lost);
    const { graph, jobs } = this.#projection;
    const finishedAt = wireTime(final.finishedAtMs);
    const startedAt = this.#projection.startedAt ?? finishedAt;
    const run = { startedAt, finishedAt, durationMs: millisecondsBetween(startedAt, finishedAt) };
    const span = this.#projection.pipelineSpan ?? run;
    // What is pointed at comes before what points.
    this.#write(PHASE_REPORT_PATH, phaseReport.document);
    this.#write(PIPELINE_MANIFEST_PATH, pipelineManifest(identity, outcome, { graph, jobs }));
    this.#write(PIPELINE_SUMMARY_PATH, pipelineSummary(identity, outcome, { span, jobs }));
    this.#write(
      RUN_SUMMARY_PATH,
      runSummary(identity, outcome, { span: run, phaseReportStatus: phaseReport.status }),
    );
    const loss = this.#firstLoss();
    return loss === undefined ? ok(undefined) : err(loss);
  }

  executorReceipt(concurrency: number): ExecutorReceipt {
    return executorReceipt(concurrency, this.#projection.jobs);
  }

  writeReceipt(path: string, receipt: Receipt): Result<void, EventError> {
    const cause = writeDocument(path, formatDocument(receipt), this.#disk);
    this.#isReceiptLost = cause !== undefined;
    if (cause === undefined) return ok(undefined);
    this.#fault(path, cause);
    return err(writeError(path, cause));
  }

  close(): void {
    this.#cancelTimer?.();
    this.flush();
    this.#retryDocuments();
    const files = [this.#run, this.#pipeline, ...[...this.#jobs.values()].flatMap((job) => job.all())];
    // A stream that was refused may have opened its file again after its job was over.
    for (const file of new Set([...files, ...this.#dirty])) file.close();
  }

  /** Evidence before what points at it. */
  #endJob(id: JobId, changes: readonly DocumentChange[]): void {
    for (const file of this.#jobOf(id).all()) this.#finish(file);
    for (const change of changes) this.#apply(change);
    this.#jobs.delete(id);
  }

  #append(file: EventFile, line: string, record: LifecycleRecord): void {
    // A stream that others have followed would be written before them: a kill in between would leave a record
    // whose predecessors are lost. So the disk always holds a prefix of the run, except for lines of output.
    if (file !== this.#lastDirty && this.#dirty.has(file)) this.flush();
    const bytes = file.append(line);
    this.#options.onWritten?.(file.streamPath, file.lines, record, bytes);
    this.#markDirty(file, bytes);
  }

  /** @param bytes - How much more of it is pending. */
  #markDirty(file: EventFile, bytes: number): void {
    if (!this.#dirty.has(file)) this.#lastDirty = file;
    this.#dirty.add(file);
    const [first] = this.#refused.values();
    if (first !== undefined) this.#putBack(file, bytes, first);
    this.#cancelTimer ??= this.#after(FLUSH_INTERVAL_MS, () => {
      this.#cancelTimer = undefined;
      this.flush();
    });
  }

  /**
   * Ends the writing of a stream for now: 10,000 jobs must not hold as many handles.
   *
   * What others hold of earlier records goes first, as in `#append`: a mirror that reaches the disk before the record it
   * mirrors would be all there is of that record.
   */
  #finish(file: EventFile): void {
    this.flush();
    file.close();
  }

  /**
   * Hands on what is pending of a stream.
   *
   * While the disk refuses one stream, what follows in the run waits for it,
   * whichever stream it belongs to: what is on disk stays a beginning of the
   * run, from which recovery can go on.
   */
  #flushFile(file: EventFile): void {
    if (this.#refused.size > 0) {
      this.#flushBacklog();
      return;
    }
    const cause = file.flush();
    if (cause === undefined) {
      this.#dirty.delete(file);
      return;
    }
    // What is pending of a stream follows what is pending of those before it.
    for (const each of this.#dirty) this.#putBack(each, each.pendingBytes, cause);
    this.#fault(file.path, cause);
  }

  /** Notes that some more of a stream waits for what the disk refused. */
  #putBack(file: EventFile, bytes: number, cause: SystemError): void {
    const last = this.#backlog.at(-1);
    if (last?.file === file) last.bytes += bytes;
    else this.#backlog.push({ file, bytes });
    this.#refused.set(file, cause);
    file.hold();
  }

  #flushBacklog(): void {
    for (const part of this.#backlog) {
      const before = part.file.pendingBytes;
      const cause = part.file.flush(part.bytes);
      part.bytes -= before - part.file.pendingBytes;
      if (cause === undefined) continue;
      this.#backlog = this.#backlog.slice(this.#backlog.indexOf(part));
      this.#refused.clear();
      for (const { file } of this.#backlog) this.#refused.set(file, cause);
      return;
    }
    this.#backlog = [];
    for (const file of this.#refused.keys()) file.close();
    this.#refused.clear();
    this.#dirty.clear();
  }

  /** The first stream that is incomplete on disk, and why. */
  #firstRefusal(): EventError | undefined {
    for (const [file, cause] of this.#refused) return writeError(file.path, cause);
    return undefined;
  }

  /** What is not on disk as it should be: a stream, a directory, a document. */
  #firstLoss(): EventError | undefined {
    const refusal = this.#firstRefusal();
    if (refusal !== undefined) return refusal;
    for (const [{ from }, cause] of this.#unmoved) return writeError(this.#root + from, cause);
    for (const [path, { cause }] of this.#unwritten) return writeError(this.#root + path, cause);
    return undefined;
  }

  #apply(change: DocumentChange): void {
    switch (change.kind) {
      case "write":
        return this.#write(change.path, change.document, change.jobId);
      case "move":
        return this.#move(change);
      default:
        return unreachable(change);
    }
  }

  #write(path: string, document: object, jobId?: JobId): void {
    this.#writeText(path, formatDocument(document), jobId);
  }

  #writeText(path: string, text: string, jobId?: JobId): void {
    // During the run, a document must not say more than its stream holds.
    const [refusal] = this.#isEnding ? [] : this.#refused.values();
    const cause =
      refusal ??
      this.#whyUnmoved(path) ??
      this.#ensureDirectoryOf(path, jobId) ??
      writeDocument(this.#root + path, text, this.#disk);
    if (cause === undefined) {
      this.#unwritten.delete(path);
    } else {
      this.#unwritten.set(path, { text, cause });
      this.#fault(this.#root + path, cause);
    }
  }

  #move(change: DocumentMove): void {
    // The record that says why comes first: a reader that finds it without the move can finish the move.
    this.flush();
    // What could not be written there is written again, at its new place.
    for (const path of this.#unwritten.keys()) if (path.startsWith(change.from)) this.#unwritten.delete(path);
    // What is pending of the steps still goes to where they are.
    const [refusal] = this.#refused.values();
    if (refusal === undefined) this.#moveNow(change);
    else this.#unmoved.set(change, refusal);
    const job = this.#jobOf(change.jobId);
    job.moved(change.from, () => this.#makeWay(change, job));
  }

  /** Moves the steps of a replaced attempt, if that is still to be done, before one of the next is put in their place. */
  #makeWay(change: DocumentMove, job: JobStreams): void {
    if (!this.#unmoved.has(change)) return;
    this.#moveNow(change);
    const cause = this.#unmoved.get(change);
    if (cause !== undefined) throw cause;
    job.forget(change.from);
  }

  #moveNow(change: DocumentMove): void {
    const cause = this.#ensureDirectoryOf(change.to.slice(0, -1), change.jobId) ?? this.#rename(change);
    if (cause === undefined) {
      this.#unmoved.delete(change);
    } else {
      this.#unmoved.set(change, cause);
      this.#fault(this.#root + change.from, cause);
    }
  }

  /** Why nothing can be written at a path yet: what belongs beside it could not be moved there, or is in its place. */
  #whyUnmoved(path: string): SystemError | undefined {
    for (const [{ from, to }, cause] of this.#unmoved) {
      if (path.startsWith(to) || path.startsWith(from)) return cause;
    }
    return undefined;
  }

  #rename(change: DocumentMove): SystemError | undefined {
    try {
      this.#disk.rename(this.#root + change.from, this.#root + change.to);
      return undefined;
    } catch (cause) {
      return systemErrorOf(cause);
    }
  }

  /** Retries what could not be written: a handle or some space may have become free. */
  #retryDocuments(): void {
    if (this.#unwritten.size > 0 || this.#unmoved.size > 0) this.#directories.invalidate();
    if (this.#refused.size === 0) for (const change of this.#unmoved.keys()) this.#moveNow(change);
    for (const [path, { text }] of this.#unwritten) this.#writeText(path, text);
  }

  #ensureDirectoryOf(path: string, jobId?: JobId): SystemError | undefined {
    const directory = path.slice(0, path.lastIndexOf("/") + 1);
    try {
      const job = jobId && this.#jobs.get(jobId);
      if (job === undefined) this.#directories.ensure(directory);
      else job.ensureDirectory(directory);
      return undefined;
    } catch (cause) {
      return systemErrorOf(cause);
    }
  }

  #fault(path: string, cause: SystemError): void {
    if (this.#faulted) return;
    this.#faulted = true;
    this.#options.onFault(this.#isGone(cause) ? this.#goneError() : writeError(path, cause));
  }

  /** Whether the run's own directory was taken away: a step cleaned the checkout, perhaps. */
  #isGone(cause: SystemError): boolean {
    return cause.code === "ENOENT" && !existsSync(this.#root);
  }

  #goneError(): EventError {
    const message = `The evidence of this run was removed while it ran, perhaps by a step that cleans the checkout (git clean -x): "${this.#root}"`;
    return { code: "ARTIFACTS_REMOVED", message };
  }

  #fileOf(stream: StreamRef): EventFile {
    switch (stream.kind) {
      case "run":
        return this.#run;
      case "pipeline":
        return this.#pipeline;
      case "job":
      case "section":
      case "step":
        return this.#jobOf(stream.jobId).of(stream);
      default:
        return unreachable(stream);
    }
  }

  #jobOf(jobId: JobId): JobStreams {
    const known = this.#jobs.get(jobId);
    if (known !== undefined) return known;
    const job = new JobStreams({
      disk: this.#disk,
      runDirectory: this.#root,
      directories: this.#directories,
      buffers: this.#buffers,
      jobId,
    });
    this.#jobs.set(jobId, job);
    return job;
  }

  #topFile(stream: StreamRef): EventFile {
    const directory = unitDirectory(stream);
    const path = streamPath(stream);
    return new EventFile({
      disk: this.#disk,
      path: this.#root + path,
      streamPath: path,
      directory,
      directories: this.#directories,
      buffers: this.#buffers,
    });
  }
}

/** What a file holds; `undefined` when it cannot be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It is written anew.
  }
  return undefined;
}

/** A finished run does not wait for its recorder: `close` hands on what is left. */
function afterUnawaited(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}

type DocumentMove = DocumentChange & { readonly kind: "move" };

interface UnwrittenDocument {
  readonly text: string;
  readonly cause: SystemError;
}

/** The envelope of a job's execution and the boundaries of its steps are in `user/execution/`, too. */
function isMirrored(
  stream: StreamRef,
  record: LifecycleRecord,
): stream is StreamRef & { readonly kind: "job" | "step" } {
  if (record.event !== "phase_start" && record.event !== "phase_finish") return false;
  return stream.kind === "step" || record.phase_code === "job.execution";
}

/** Text and newlines: the lines of a batch follow one another from offset 0. */
function printedBytes(batch: LineBatch): number {
  const end = batch.ends.at(-1) ?? 0;
  return batch.partial ? end : end + 1;
}
