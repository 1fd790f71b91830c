import { access, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import {
  err,
  jobId as asJobId,
  ok,
  type LoomEvent,
  type OutputEvent,
  type Result,
  type SectionName,
} from "@loom/core";
import {
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
  RUN_SUMMARY_PATH,
  jobDirectory,
  sectionDirectory,
  stepDirectory,
} from "@loom/record";
import { JOB_MANIFEST, type JobManifest } from "../documents/job-manifest.ts";
import { JOB_SUMMARY, type JobSummary } from "../documents/job-summary.ts";
import { PHASE_REPORT_HEAD, type PhaseReportHead } from "../documents/phase-report-head.ts";
import { PIPELINE_MANIFEST, type PipelineManifest } from "../documents/pipeline-manifest.ts";
import { PIPELINE_SUMMARY, type PipelineSummary } from "../documents/pipeline-summary.ts";
import { RECEIPT, type Receipt } from "../documents/receipt.ts";
import { RUN_SUMMARY, type RunSummary } from "../documents/run-summary.ts";
import { SECTION_SUMMARY, type SectionSummary } from "../documents/section-summary.ts";
import { STEP_SUMMARY, type StepSummary } from "../documents/step-summary.ts";
import type { Shape } from "../shape/shape.ts";
import { listStreams } from "./list-streams.ts";
import { readDocument } from "./read-document.ts";
import { readError, type ReadError } from "./read-error.ts";
import { readEvents, type StreamLine } from "./read-events.ts";
import { tailEvents, tailStream, type StreamTail, type TailQuery } from "./tail-events.ts";

/**
 * One run on disk, of this or of another machine, finished or not.
 *
 * Every call reads again: a running run returns more the next time. Stream
 * paths are relative to the run's directory, as its documents give them; one
 * that leads out of it is refused.
 */
export interface RunReader {
  /** Absolute path. */
  readonly directory: string;
  /** Name of the run's directory. */
  readonly runId: string;
  /** Absolute path of the receipt; absent for a run that is still running, was interrupted, or came without one. */
  readonly receiptPath?: string;
  /** `ARTIFACTS_NOT_FOUND` when there is none. */
  receipt(): Promise<Result<Receipt, ReadError>>;
  runSummary(): Promise<Result<RunSummary, ReadError>>;
  pipelineSummary(): Promise<Result<PipelineSummary, ReadError>>;
  pipelineManifest(): Promise<Result<PipelineManifest, ReadError>>;
  /** Its head is checked, the rest is returned as read. */
  phaseReport(): Promise<Result<PhaseReportHead, ReadError>>;
  jobSummary(job: string): Promise<Result<JobSummary, ReadError>>;
  jobManifest(job: string): Promise<Result<JobManifest, ReadError>>;
  /** @param step - From 1, of the last attempt. */
  stepSummary(job: string, step: number): Promise<Result<StepSummary, ReadError>>;
  sectionSummary(job: string, section: SectionName): Promise<Result<SectionSummary, ReadError>>;
  /**
   * Every stream there is, mirrors and replaced attempts included, in the order of their paths.
   *
   * @param below - Only those below this directory of the run. Default: all.
   */
  streams(below?: string): Promise<Result<readonly string[], ReadError>>;
  /** The records of a stream, damaged lines as errors in their place. */
  readEvents(streamPath: string): AsyncIterable<StreamLine>;
  /** The lines of output in a stream. What cannot be read is left out; `readEvents` reports it. */
  readOutput(streamPath: string): AsyncIterable<OutputEvent>;
  /** The last `count` lines of output in a stream, oldest first, without reading the rest. */
  tailLines(streamPath: string, count: number): Promise<Result<readonly OutputEvent[], ReadError>>;
  /** The last `count` wanted records of a stream, oldest first, without reading the rest. */
  tailEvents<T extends LoomEvent>(
    streamPath: string,
    count: number,
    wanted: (event: LoomEvent) => event is T,
  ): Promise<Result<readonly T[], ReadError>>;
  /** The end of a stream, no further back than asked for, and where to read on behind it. */
  tailStream<T extends LoomEvent>(
    streamPath: string,
    query: TailQuery<T>,
  ): Promise<Result<StreamTail<T>, ReadError>>;
}

/**
 * Opens a run for reading.
 *
 * @param path - The run's directory or its receipt. A receipt that was moved together with its run still leads to it.
 * @returns `ARTIFACTS_NOT_FOUND` when there is no run there.
 */
export async function openRun(path: string): Promise<Result<RunReader, ReadError>> {
  const absolute = resolve(path);
  try {
    if ((await stat(absolute)).isDirectory()) return await openDirectory(absolute);
  } catch (cause) {
    return err(readError(absolute, cause));
  }
  return openReceipt(absolute);
}

async function openDirectory(directory: string): Promise<Result<RunReader, ReadError>> {
  if (!(await isThere(join(directory, "events.jsonl"))) && !(await isThere(join(directory, "pipeline")))) {
    const message = `Cannot open "${directory}": it is not the directory of a run: it has no events.jsonl`;
    return err({ code: "ARTIFACTS_NOT_FOUND", message, path: directory });
  }
  const receipt = join(dirname(dirname(directory)), "receipts", `${basename(directory)}.json`);
  return ok(reader(directory, (await isThere(receipt)) ? receipt : undefined));
}

/** Reads a receipt, even of a run whose directory is gone. @param path - Absolute. */
export async function readReceipt(path: string): Promise<Result<Receipt, ReadError>> {
  return await readDocument(path, RECEIPT);
}

async function openReceipt(path: string): Promise<Result<RunReader, ReadError>> {
  const receipt = await readReceipt(path);
  if (!receipt.ok) return receipt;
  const { logs_dir: noted, run_id: runId } = receipt.value;
  const beside = join(dirname(dirname(path)), "logs", runId);
  for (const directory of [beside, noted]) {
    if (await isThere(directory)) return ok(reader(directory, path));
  }
  const message = `Cannot open the run of "${path}": its directory "${noted}" is gone`;
  return err({ code: "ARTIFACTS_NOT_FOUND", message, path: noted });
}

function reader(directory: string, receiptPath: string | undefined): RunReader {
  const inside = (path: string): Result<string, ReadError> => resolveInside(directory, path);
  const document = async <T>(path: string, shape: Shape<T>): Promise<Result<T, ReadError>> => {
    const file = inside(path);
    return file.ok ? readDocument(file.value, shape) : file;
  };
  const tail: RunReader["tailEvents"] = async (streamPath, count, wanted) => {
    const file = inside(streamPath);
    return file.ok ? tailEvents(file.value, count, wanted) : file;
  };
  const events = (streamPath: string): AsyncIterable<StreamLine> => {
    const file = inside(streamPath);
    return file.ok ? readEvents(file.value) : refused(file);
  };
  const runId = basename(directory);
  return {
    directory,
    runId,
    ...(receiptPath !== undefined && { receiptPath }),
    receipt: async () =>
      receiptPath === undefined ? err(noReceipt(directory, runId)) : readReceipt(receiptPath),
    runSummary: () => document(RUN_SUMMARY_PATH, RUN_SUMMARY),
    pipelineSummary: () => document(PIPELINE_SUMMARY_PATH, PIPELINE_SUMMARY),
    pipelineManifest: () => document(PIPELINE_MANIFEST_PATH, PIPELINE_MANIFEST),
    phaseReport: () => document(PHASE_REPORT_PATH, PHASE_REPORT_HEAD),
    jobSummary: (job) => document(`${jobDirectory(asJobId(job))}summary.json`, JOB_SUMMARY),
    jobManifest: (job) => document(`${jobDirectory(asJobId(job))}manifest.json`, JOB_MANIFEST),
    stepSummary: (job, step) => document(`${stepDirectory(asJobId(job), step)}summary.json`, STEP_SUMMARY),
    sectionSummary: (job, section) =>
      document(`${sectionDirectory(asJobId(job), section)}summary.json`, SECTION_SUMMARY),
    streams: async (below = "") => {
      const place = inside(below);
      return place.ok ? listStreams(directory, below) : place;
    },
    readEvents: events,
    readOutput: (streamPath) => outputOf(events(streamPath)),
    tailEvents: tail,
    tailStream: async (streamPath, query) => {
      const file = inside(streamPath);
      return file.ok ? tailStream(file.value, query) : file;
    },
    tailLines: (streamPath, count) => tail(streamPath, count, isOutput),
  };
}

function resolveInside(directory: string, path: string): Result<string, ReadError> {
  if (!isAbsolute(path) && !path.split("/").includes("..")) return ok(join(directory, path));
  const message = `Cannot read "${path}": it lies outside the run "${directory}"`;
  return err({ code: "ARTIFACTS_OUTSIDE_RUN", message, path });
}

async function* refused(error: Result<never, ReadError> & { ok: false }): AsyncGenerator<StreamLine> {
  yield { line: 0, result: error };
}

async function* outputOf(lines: AsyncIterable<StreamLine>): AsyncGenerator<OutputEvent> {
  for await (const { result } of lines) {
    if (result.ok && isOutput(result.value)) yield result.value;
  }
}

function isOutput(event: LoomEvent): event is OutputEvent {
  return event.event === "output";
}

function noReceipt(directory: string, runId: string): ReadError {
  const message = `Cannot read the receipt of "${runId}": the run is still running, was interrupted, or never wrote one`;
  return { code: "ARTIFACTS_NOT_FOUND", message, path: directory };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (cause) {
    readError(path, cause);
    return false;
  }
}
