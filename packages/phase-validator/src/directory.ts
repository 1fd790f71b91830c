import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import type { Dirent } from "node:fs";
import { basename, join } from "node:path";
import { err, identityOf, ok, type GraphIr, type Result, type RunIdentity } from "@loom/core";
import { PHASE_REPORT_PATH } from "@loom/record";
import { systemErrorOf } from "@loom/system";
import { parseJson } from "./bytes/parse-json.ts";
import { createStreamReader } from "./bytes/stream-reader.ts";
import { createPhaseValidator, type PhaseValidator } from "./phase-validator.ts";
import type { PhaseReport } from "./report/phase-report.ts";

/** How a run directory is judged. */
export interface JudgeDirectoryOptions {
  /** RFC 3339, UTC, milliseconds; goes into the report as it is. */
  readonly checkedAt: string;
  /** Whether sections and steps are among the reported phases. Default false. */
  readonly full?: boolean | undefined;
  /** The compiled workflow. Default: the one in the run's own stream or in its receipt. */
  readonly graph?: GraphIr | undefined;
  /** The run that the records must belong to. Default: that of the first record that names one. */
  readonly identity?: RunIdentity | undefined;
  /**
   * Lines that will be appended to the run's own stream, each with its newline:
   * a report can be there before the record that closes its run. Default: none.
   */
  readonly upcoming?: string | undefined;
  /** Whether the documents are judged, too, which are there at the end of a run. Default: true. */
  readonly documents?: boolean | undefined;
  /** Path of the receipt. Default: `../../receipts/<run directory's name>.json`, which may be absent. */
  readonly receiptPath?: string | undefined;
}

/** Why a directory could not be judged at all. */
export interface DirectoryError {
  /** `RUN_NOT_FOUND`: nothing there. `RUN_UNREADABLE`: it cannot be opened. `RUN_INVALID`: not a run's directory. */
  readonly code: "RUN_NOT_FOUND" | "RUN_UNREADABLE" | "RUN_INVALID";
  readonly message: string;
}

/** One chunk for all streams: large enough that reading costs little beside scanning. */
const CHUNK_BYTES = 256 * 1024;

/** Larger documents are reported, not read. The largest there is lists 10,000 jobs in a few megabytes. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** The deepest path of a run has 8 parts: `jobs/<id>/user/execution/attempts/<n>/script/<NN>`. */
const MAX_DEPTH = 10;

const STREAM = "events.jsonl";
const DOCUMENTS: ReadonlySet<string> = new Set(["summary.json", "manifest.json"]);

/**
 * Judges the run in a directory by its streams and documents.
 *
 * Reads synchronously, one file at a time, and follows no symbolic link below
 * `dir`. A file that cannot be read is a `malformed_line` with line 0.
 */
export function judgeRunDirectory(
  dir: string,
  options: JudgeDirectoryOptions,
): Result<PhaseReport, DirectoryError> {
  const opened = openRun(dir);
  if (!opened.ok) return opened;
  const { root, entries } = opened.value;
  const { full, graph, identity, documents = true } = options;
  const validator = createPhaseValidator({ mirrors: true, documents, full, graph, identity });
  const reading: Reading = {
    root,
    validator,
    buffer: Buffer.allocUnsafe(CHUNK_BYTES),
    upcoming: options.upcoming ?? "",
  };
  // The run's own stream first: it names the run that the others must belong to.
  for (const entry of entries.filter(({ name }) => name === STREAM)) readEntry(reading, "", entry);
  for (const entry of entries.filter(({ name }) => name !== STREAM)) {
    if (entry.isDirectory() && entry.name !== "pipeline" && entry.name !== "jobs") continue;
    readEntry(reading, "", entry);
  }
  readReceipt(reading, options.receiptPath ?? join(root, "..", "..", "receipts", `${basename(root)}.json`));
  return ok(named(validator.report(options.checkedAt), basename(root)));
}

interface Reading {
  readonly root: string;
  readonly validator: PhaseValidator;
  /** Used for every read. */
  readonly buffer: Buffer;
  readonly upcoming: string;
}

function openRun(
  dir: string,
): Result<{ readonly root: string; readonly entries: readonly Dirent[] }, DirectoryError> {
  let root: string;
  let entries: readonly Dirent[];
  try {
    root = realpathSync(dir);
    if (!statSync(root).isDirectory()) {
      return err({ code: "RUN_INVALID", message: `Cannot verify "${dir}": it is not a directory` });
    }
    entries = list(root);
  } catch (error) {
    const { code } = systemErrorOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      return err({ code: "RUN_NOT_FOUND", message: `Cannot verify "${dir}": there is no such directory` });
    }
    return err({ code: "RUN_UNREADABLE", message: `Cannot verify "${dir}": it cannot be read (${code})` });
  }
  if (!entries.some(({ name }) => name === STREAM || name === "pipeline" || name === "jobs")) {
    const message = `Cannot verify "${dir}": it is not a run's directory, it has no "${STREAM}"; name the directory of one run, ".loom/.runtime/logs/<run_id>"`;
    return err({ code: "RUN_INVALID", message });
  }
  return ok({ root, entries });
}

function readEntry(reading: Reading, parent: string, entry: Dirent): void {
  const path = parent === "" ? entry.name : `${parent}/${entry.name}`;
  if (entry.name === STREAM) return readStream(reading, path);
  if (DOCUMENTS.has(entry.name)) return parseDocument(reading, path);
  if (path === PHASE_REPORT_PATH) return notePresence(reading, path);
  if (entry.isSymbolicLink()) {
    // Links among files that nobody reads are of no concern; one in place of a directory hides streams.
    if (leadsToDirectory(reading, path)) reading.validator.malformed(path, 0, "is a symbolic link");
    return undefined;
  }
  if (!entry.isDirectory() || isUsers(path) || path.split("/").length > MAX_DEPTH) return undefined;
  let entries: readonly Dirent[];
  try {
    entries = list(join(reading.root, path));
    // Stryker disable next-line BlockStatement,StringLiteral: root, who runs the tests, can list every directory
  } catch (error) {
    // Stryker disable next-line StringLiteral: as above
    return reading.validator.malformed(path, 0, `cannot be read (${systemErrorOf(error).code})`);
  }
  for (const below of entries) readEntry(reading, path, below);
  return undefined;
}

/** Whether a directory holds what the user's job made, which may have any names. */
function isUsers(path: string): boolean {
  return /^jobs\/[^/]+\/artifacts$/.test(path);
}

function leadsToDirectory(reading: Reading, path: string): boolean {
  if (isUsers(path)) return false;
  try {
    return statSync(join(reading.root, path)).isDirectory();
    // Stryker disable next-line BlockStatement: nothing is as good as false
  } catch {
    // A link to nothing hides nothing.
    return false;
  }
}

function readStream(reading: Reading, path: string): void {
  const { validator, buffer } = reading;
  const problem = withFile(join(reading.root, path), (file) => {
    const reader = createStreamReader(validator, path);
    try {
      for (;;) {
        const count = readSync(file, buffer, 0, buffer.length, null);
        if (count === 0) break;
        reader.chunk(buffer.subarray(0, count));
      }
      if (path === STREAM) reader.chunk(Buffer.from(reading.upcoming));
    } finally {
      reader.end();
    }
  });
  if (problem !== undefined) validator.malformed(path, 0, problem);
}

function parseDocument(reading: Reading, path: string): void {
  const { validator } = reading;
  const read = readJson(join(reading.root, path));
  if (read.ok) validator.document(path, read.json);
  else validator.malformed(path, read.line, read.why);
}

function notePresence(reading: Reading, path: string): void {
  const { root, validator } = reading;
  const problem = withFile(join(root, path), () => validator.present(path));
  if (problem !== undefined) validator.malformed(path, 0, problem);
}

/** The receipt lies outside the run, so its absence says nothing. */
function readReceipt(reading: Reading, file: string): void {
  const read = readJson(file);
  const path = `../../receipts/${basename(file)}`;
  if (read.ok) reading.validator.document(path, read.json);
  else if (read.isAbsent !== true) reading.validator.malformed(path, read.line, read.why);
}

type ReadJson =
  | { readonly ok: true; readonly json: unknown; readonly line: number }
  | { readonly ok: false; readonly why: string; readonly line: number; readonly isAbsent?: boolean };

function readJson(path: string): ReadJson {
  let bytes: Buffer | undefined;
  const problem = withFile(path, (file, size) => {
    if (size > MAX_DOCUMENT_BYTES) return;
    bytes = readFileSync(file);
  });
  if (problem !== undefined) {
    return { ok: false, why: problem, line: 0, isAbsent: problem === ABSENT };
  }
  if (bytes === undefined) {
    return { ok: false, why: `is larger than ${MAX_DOCUMENT_BYTES} bytes`, line: 0 };
  }
  return { ...parseJson(bytes), line: 1 };
}

// Stryker disable next-line StringLiteral: only a file that goes away while a run is judged has this said of it
const ABSENT = "is not there";

/** Opens a regular file for the length of a call; returns what went wrong, to follow "This file". */
function withFile(path: string, use: (file: number, size: number) => void): string | undefined {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile()) return "is not a regular file";
    use(file, stat.size);
    return undefined;
  } catch (error) {
    const { code } = systemErrorOf(error);
    if (code === "ENOENT") return ABSENT;
    return code === "ELOOP" ? "is a symbolic link" : `cannot be read (${code})`;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function list(path: string): readonly Dirent[] {
  const entries = readdirSync(path, { withFileTypes: true });
  // Most file systems list a small directory in one order anyway; the order decides which of too many violations are kept.
  // Stryker disable next-line MethodExpression,ArrowFunction,ConditionalExpression,EqualityOperator,UnaryOperator: as above
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries;
}

/** Names a run that no record named by its directory. */
function named(report: PhaseReport, directory: string): PhaseReport {
  if (report.run_id !== "unknown") return report;
  const identity = identityOf(directory);
  return { ...report, run_id: directory, ...(identity && { pipeline_id: identity.pipelineId }) };
}
