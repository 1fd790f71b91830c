import { readRegularFile } from "@loom/system";
import { join } from "node:path";
import { openRun, type RunReader } from "@loom/artifacts";
import type { JobId, LogEvent, LoomEvent, OutputEvent } from "@loom/core";
import {
  jobManifestPath,
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
} from "@loom/record";
import { recogniseErrors } from "../errors/recognise-errors.ts";

/** One document on the way from the receipt to the cause. */
export interface DiagnosticStep {
  /** As it is named in the document before. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** The fields that lead on, with their values; empty when it is not there yet. */
  readonly fields: readonly (readonly [string, string])[];
  /** Absent: not there (yet). */
  readonly bytes?: number;
}

/** One line of what a failing unit printed, or of what Loom said there. */
export interface ExcerptLine {
  /** As it was printed, control characters and all. */
  readonly text: string;
  /** `log`: Loom says it about its own work. */
  readonly stream: OutputEvent["stream"] | "log";
  /** Whether a tool reports an error with it. */
  readonly isError: boolean;
}

/** The way from the receipt to the cause of one failed job, over the real documents. */
export interface DiagnosticPath {
  readonly jobId: JobId;
  readonly steps: readonly DiagnosticStep[];
  /** From 6 lines before the first line that reports an error, to the end. */
  readonly excerpt: readonly ExcerptLine[];
  /** Jobs that did not run because of it. */
  readonly blocked: readonly string[];
}

/** What a path is read from. */
export interface DiagnosticPathInput {
  readonly jobId: JobId;
  /** Absolute. */
  readonly runDirectory: string;
  /** Absolute; absent when the run has none. */
  readonly receiptPath?: string;
  /** Where the cause is when no manifest says so (yet), below the run's folder. */
  readonly eventsPath: string;
}

/** Last lines that are looked through for the first error. */
const LOOKED_THROUGH = 400;

/** Lines before the first error. Source: docs/terminal.md#the-views. */
const LINES_BEFORE = 6;

/** How far back from the end of the stream to go. */
const MAX_BYTES = 256 * 1024;

/** Reads the documents from the receipt on, and the end of the stream they lead to. */
export async function readDiagnosticPath(input: DiagnosticPathInput): Promise<DiagnosticPath> {
  const { runDirectory, jobId } = input;
  const at = (name: string): string => join(runDirectory, name);
  const jobManifest = jobManifestPath(jobId);
  const [receipt, summary, manifest, job, report] = await Promise.all([
    readJson(input.receiptPath),
    readJson(at(PIPELINE_SUMMARY_PATH)),
    readJson(at(PIPELINE_MANIFEST_PATH)),
    readJson(at(jobManifest)),
    readJson(at(PHASE_REPORT_PATH)),
  ]);
  const stated = text(field(job, "failing_events_path"));
  const eventsPath = stated !== "" && isInside(stated) ? stated : input.eventsPath;
  const run = await openRun(runDirectory);
  const { lines, complete } = run.ok ? await readEnd(run.value, eventsPath) : NOTHING;
  const errors = lines.filter(({ isError }) => isError).length;
  const steps: DiagnosticStep[] = [
    ...(input.receiptPath === undefined
      ? []
      : [step("receipt", input.receiptPath, receipt, ["status", "exit_code", "error"])]),
    step(PIPELINE_SUMMARY_PATH, at(PIPELINE_SUMMARY_PATH), summary, ["status", "exit_code", "error.job_id"]),
    step(PIPELINE_MANIFEST_PATH, at(PIPELINE_MANIFEST_PATH), manifest, [
      "failing_job_id",
      "failing_job_manifest_path",
    ]),
    step(jobManifest, at(jobManifest), job, ["failing_section", "failing_step", "failing_events_path"]),
    {
      name: eventsPath,
      path: at(eventsPath),
      fields: [
        ["lines", `${complete ? "" : "more than "}${lines.length}`],
        ...(errors > 0 ? [["errors", String(errors)] as const] : []),
      ],
    },
    step(PHASE_REPORT_PATH, at(PHASE_REPORT_PATH), report, ["status"]),
  ];
  return {
    jobId,
    steps,
    excerpt: excerptOf(lines),
    blocked: blockedBy(manifest, jobId),
  };
}

const NOTHING: { readonly lines: readonly ExcerptLine[]; readonly complete: boolean } = {
  lines: [],
  complete: true,
};

/** The last lines of a stream, with those marked that report an error. */
async function readEnd(run: RunReader, streamPath: string): Promise<typeof NOTHING> {
  const query = { count: LOOKED_THROUGH, wanted: isSaid, maxBytes: MAX_BYTES, join: {} };
  const tail = await run.tailStream(streamPath, query);
  if (!tail.ok) return NOTHING;
  const { records, complete } = tail.value;
  const printed = records.filter((record) => record.event === "output");
  const reports = recogniseErrors(printed.map(({ text }) => text));
  const errors = new Set(
    reports.filter(({ severity }) => severity === "error").map(({ index }) => printed[index]),
  );
  const lines = records.map((record): ExcerptLine => {
    if (record.event === "log") return { text: record.message, stream: "log", isError: false };
    return { text: record.text, stream: record.stream, isError: errors.has(record) };
  });
  return { lines, complete };
}

function isSaid(event: LoomEvent): event is OutputEvent | LogEvent {
  return event.event === "output" || event.event === "log";
}

function excerptOf(lines: readonly ExcerptLine[]): readonly ExcerptLine[] {
  const first = lines.findIndex(({ isError }) => isError);
  return first < 0 ? lines.slice(-LINES_BEFORE * 4) : lines.slice(Math.max(0, first - LINES_BEFORE));
}

interface Document {
  readonly value: unknown;
  readonly bytes: number;
}

async function readJson(path: string | undefined): Promise<Document | undefined> {
  if (path === undefined) return undefined;
  try {
    const content = await readRegularFile(path);
    return { value: JSON.parse(content.toString("utf8")) as unknown, bytes: content.length };
  } catch {
    // Not written yet, or cut off: the step says so by having no fields.
    return undefined;
  }
}

function step(
  name: string,
  path: string,
  document: Document | undefined,
  names: readonly string[],
): DiagnosticStep {
  if (document === undefined) return { name, path, fields: [] };
  const fields = names.flatMap((wanted) => {
    const value = wanted.split(".").reduce<unknown>((from, key) => child(from, key), document.value);
    return value === undefined
      ? []
      : [[wanted, typeof value === "string" ? value : JSON.stringify(value)] as const];
  });
  return { name, path, fields, bytes: document.bytes };
}

function blockedBy(manifest: Document | undefined, jobId: JobId): string[] {
  const jobs = field(manifest, "jobs");
  if (!Array.isArray(jobs)) return [];
  return jobs.flatMap((job: unknown) => {
    const causes = child(job, "blocked_by");
    return Array.isArray(causes) && causes.includes(jobId) ? [text(child(job, "job_id"))] : [];
  });
}

function field(document: Document | undefined, key: string): unknown {
  return child(document?.value, key);
}

function child(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Paths in documents are relative to the run's folder; one that leads out of it is not followed. */
function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..");
}
