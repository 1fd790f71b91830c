import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { err, ok, type EventError, type Result } from "@loom/core";
import {
  currentProcess,
  type ProcessMark,
  processMarkOf,
  processState,
  type ProcessState,
  systemErrorOf,
  removeFile,
} from "@loom/system";
import { DIRECTORY_MODE } from "../layout/run-files.ts";
import { activeDirectory, runHome } from "../layout/runtime-directory.ts";
import { writeError } from "../write/write-error.ts";
import { placeNote, removeStaleNote, removeUnplacedNotes } from "./claim-note.ts";

/** The right to write to a run. */
export interface RunClaim {
  /**
   * Gives it up: the run is closed.
   *
   * @returns Why the note could not be removed. The run is closed all the same.
   */
  release(): EventError | undefined;
}

/** How a run is claimed. */
export interface ClaimOptions {
  /**
   * Takes a run from a process that may or may not still be running.
   * For a person who knows. Default: false.
   */
  readonly force?: boolean | undefined;
}

/** More than the processes that ever ask for one run at the same time. */
const TRIES = 50;

/**
 * Takes a run for this process: notes in `active/<run_id>.json` beside `logs/`
 * that it is not closed yet, and by whom it will be. For a run that lies
 * elsewhere, as a copy does, the note is in its own directory.
 *
 * A claim of a process that has ended is taken over. Of several that ask at the
 * same time one gets it.
 *
 * @param runDirectory - Absolute path of the run's directory.
 * @returns `RUN_ALIVE` when another process has it; `RUN_OWNER_UNKNOWN` when one may have it that cannot be seen from
 *   here; `ARTIFACTS_WRITE_FAILED` when it cannot be noted.
 */
export function claimRun(runDirectory: string, options: ClaimOptions = {}): Result<RunClaim, EventError> {
  const path = claimPath(runDirectory);
  const runId = basename(runDirectory);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    // Stryker disable next-line EqualityOperator: one try more is as good.
    for (let tried = 0; tried < TRIES; tried += 1) {
      const seen = lookAtClaim(path);
      if (seen === undefined) {
        if (!placeNote(path, `${JSON.stringify(currentProcess())}\n`)) continue;
        removeUnplacedNotes(path);
        return ok({ release: () => release(runDirectory) });
      }
      if (seen.owner === "alive") return err(takenBy(runId, seen.pid));
      if (seen.owner === "unknown" && options.force !== true) return err(perhapsTakenBy(runId, seen.pid));
      removeStaleNote(path, seen.text);
    }
    return err({ code: "RUN_ALIVE", message: `Run "${runId}" is being closed by another process` });
  } catch (cause) {
    return err(writeError(path, systemErrorOf(cause)));
  }
}

/** Where the claim of a run is noted. */
export function claimPath(runDirectory: string): string {
  const root = runHome(runDirectory);
  return root === undefined
    ? join(runDirectory, ".claim.json")
    : join(activeDirectory(root), `${basename(runDirectory)}.json`);
}

/**
 * Where the control channel of a run listens while the run goes on. It goes
 * with the claim; `undefined` for a run that lies elsewhere, as a copy does.
 */
export function controlSocketPath(runDirectory: string): string | undefined {
  const root = runHome(runDirectory);
  return root === undefined ? undefined : join(activeDirectory(root), `${basename(runDirectory)}.sock`);
}

/** Who has claimed a run, as far as that is known. */
export type SeenClaim = {
  /** What is noted. */
  readonly text: string;
} & (
  | { readonly owner: ProcessState; readonly pid: number }
  /** The note cannot be read. */
  | { readonly owner: "unknown"; readonly pid?: undefined }
);

/** Who has claimed a run; `undefined` when nobody has. A note that is unreadable or makes no sense is ignored. */
export function lookAtClaim(path: string): SeenClaim | undefined {
  let text: string;
  try {
    // A pipe in its place would be waited for.
    if (!statSync(path).isFile()) return { owner: "unknown", text: "" };
    text = readFileSync(path, "utf8");
  } catch (cause) {
    return systemErrorOf(cause).code === "ENOENT" ? undefined : { owner: "unknown", text: "" };
  }
  const mark = markOf(text);
  return mark === undefined ? { owner: "unknown", text } : { owner: processState(mark), pid: mark.pid, text };
}

/** Removes the note about a run that need not be closed: it closed by itself, or no longer exists. */
export function forgetClaim(runDirectory: string): EventError | undefined {
  return release(runDirectory);
}

function release(runDirectory: string): EventError | undefined {
  const path = claimPath(runDirectory);
  try {
    // A process that was killed has left it there.
    const socket = controlSocketPath(runDirectory);
    if (socket !== undefined) removeFile(socket);
    removeFile(path);
    if (existsSync(dirname(path))) removeUnplacedNotes(path);
    return undefined;
  } catch (cause) {
    return writeError(path, systemErrorOf(cause));
  }
}

function takenBy(runId: string, pid: number): EventError {
  return { code: "RUN_ALIVE", message: `Run "${runId}" still belongs to process ${pid}` };
}

function perhapsTakenBy(runId: string, pid: number | undefined): EventError {
  const who =
    pid === undefined
      ? "the note about who runs it cannot be read"
      : `process ${pid} cannot be seen from here (another machine or container, or neither /proc nor ps)`;
  const message = `Cannot tell whether run "${runId}" is still running: ${who}. If you know that it is not: loom recover --force ${runId}`;
  return { code: "RUN_OWNER_UNKNOWN", message };
}

function markOf(text: string): ProcessMark | undefined {
  let noted: unknown;
  try {
    noted = JSON.parse(text);
  } catch {
    // It is cut off.
  }
  return processMarkOf(noted);
}
