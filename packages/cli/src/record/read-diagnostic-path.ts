import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobId } from "@loom/core";
import {
  jobManifestPath,
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
} from "@loom/record";
import { errorRows } from "../log/error-rows.ts";
import { LogStore } from "../log/log-store.ts";
import type { ScreenLine } from "../log/log-line.ts";

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

/** The diagnostics path of one failed job, over the real documents. */
export interface DiagnosticPath {
  readonly jobId: JobId;
  readonly steps: readonly DiagnosticStep[];
  /** From 6 lines before the first line that reports an error, to the end. */
  readonly excerpt: readonly ScreenLine[];
  /** The rows of those that report an error. */
  readonly errorRows: ReadonlySet<number>;
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

/** Bytes of a stream that are read to find its end: enough for a step of a million short lines. */
const STREAM_BYTES = 512 * 1024 * 1024;

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
  const store = new LogStore(at(eventsPath), { skip: 1 });
  store.grow(STREAM_BYTES);
  const lines = store.lines(Math.max(0, store.count - LOOKED_THROUGH), LOOKED_THROUGH);
  store.close();
  const errors = errorRows(lines);
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
        ["lines", String(lines.length < LOOKED_THROUGH ? lines.length : store.count)],
        ...(errors.size > 0 ? [["errors", String(errors.size)] as const] : []),
      ],
    },
    step(PHASE_REPORT_PATH, at(PHASE_REPORT_PATH), report, ["status"]),
  ];
  return {
    jobId,
    steps,
    excerpt: excerptOf(lines, errors),
    errorRows: errors,
    blocked: blockedBy(manifest, jobId),
  };
}

function excerptOf(lines: readonly ScreenLine[], errors: ReadonlySet<number>): readonly ScreenLine[] {
  const first = lines.findIndex(({ row }) => errors.has(row));
  return first < 0 ? lines.slice(-LINES_BEFORE * 4) : lines.slice(Math.max(0, first - LINES_BEFORE));
}

interface Document {
  readonly value: unknown;
  readonly bytes: number;
}

async function readJson(path: string | undefined): Promise<Document | undefined> {
  if (path === undefined) return undefined;
  try {
    const content = await readFile(path);
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
