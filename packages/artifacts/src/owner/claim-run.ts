import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { err, ok, type EventError, type Result } from "@loom/core";
import { DIRECTORY_MODE, FILE_MODE } from "../layout/run-files.ts";
import { systemErrorOf, writeError } from "../write/write-error.ts";
import { currentProcess, processState, type ProcessMark } from "./process-mark.ts";

/** The right to write to a run. */
export interface RunClaim {
  /** Gives it up: the run is closed. */
  release(): void;
}

/**
 * Takes a run for this process: notes in `active/<run_id>.json` beside `logs/`
 * that it is not closed yet, and by whom it will be.
 *
 * A claim of a process that has ended is taken over.
 *
 * @param runDirectory - Absolute path of `logs/<run_id>`.
 * @returns `RUN_ALIVE` when another process has it, or may have it on another machine;
 *   `ARTIFACTS_WRITE_FAILED` when it cannot be noted.
 */
export function claimRun(runDirectory: string): Result<RunClaim, EventError> {
  const path = claimPath(runDirectory);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    const owner = readClaim(path);
    if (owner !== undefined) {
      const state = processState(owner);
      if (state !== "dead") return err(takenBy(basename(runDirectory), owner, state));
      if (!removeStale(path, owner)) return err(takenBy(basename(runDirectory), owner, "alive"));
    }
    place(path, `${JSON.stringify(currentProcess())}\n`);
    removeUnplaced(path);
    return ok({ release: () => rmSync(path, { force: true }) });
  } catch (cause) {
    const error = systemErrorOf(cause);
    if (error.code !== "EEXIST" && error.code !== "ENOENT") return err(writeError(path, error));
    // Somebody else was faster between the look and the note.
    const owner = readClaim(path);
    return err(
      owner === undefined ? writeError(path, error) : takenBy(basename(runDirectory), owner, "alive"),
    );
  }
}

/** Where the claim of a run is noted. */
export function claimPath(runDirectory: string): string {
  return join(dirname(dirname(runDirectory)), "active", `${basename(runDirectory)}.json`);
}

/** Who has claimed a run; `undefined` when nobody has, or what is noted cannot be read. */
export function readClaim(path: string): ProcessMark | undefined {
  try {
    const mark: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isMark(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

/** Puts the note there whole, or not at all when there is one already. */
function place(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: FILE_MODE });
  try {
    linkSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Removes notes that never got to their place, as of a process that was killed
 * meanwhile. One that is about to be placed comes too late: the claim is taken.
 */
function removeUnplaced(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith(".tmp"))
      rmSync(join(directory, name), { force: true });
  }
}

/** Removes a claim, unless it has become somebody else's in the meantime. */
function removeStale(path: string, owner: ProcessMark): boolean {
  const aside = `${path}.${process.pid}`;
  renameSync(path, aside);
  const moved = readClaim(aside);
  if (moved?.pid === owner.pid && moved.started === owner.started) {
    rmSync(aside, { force: true });
    return true;
  }
  renameSync(aside, path);
  return false;
}

function takenBy(runId: string, owner: ProcessMark, state: "alive" | "unknown"): EventError {
  const where = state === "alive" ? `process ${owner.pid}` : `process ${owner.pid} of another machine`;
  return { code: "RUN_ALIVE", message: `Run "${runId}" still belongs to ${where}` };
}

function isMark(value: unknown): value is ProcessMark {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    Number.isInteger(value.pid) &&
    "started" in value &&
    typeof value.started === "string" &&
    "machine" in value &&
    typeof value.machine === "string"
  );
}
