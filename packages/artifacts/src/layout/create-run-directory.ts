import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, runIdentity, type EventError, type Result, type RunIdentity } from "@loom/core";
import { systemErrorOf, writeError } from "../write/write-error.ts";
import { DIRECTORY_MODE, FILE_MODE } from "./run-files.ts";
import { logsDirectory, receiptPath, receiptsDirectory, runtimeDirectory } from "./runtime-directory.ts";

/** A new, empty place for the evidence of one run. */
export interface RunDirectory {
  readonly identity: RunIdentity;
  /** Absolute path of `logs/<run_id>`. */
  readonly directory: string;
  /** Absolute path at which the receipt will be. */
  readonly receiptPath: string;
}

/**
 * Names a run and creates its directory, which no other run has.
 *
 * Creates what is missing above it too, with a `.gitignore` that keeps all of
 * it out of version control.
 *
 * @param repoRoot - Absolute path.
 * @param ns - Unix time in nanoseconds. The next free number is taken when another run has this one.
 * @returns `ARTIFACTS_WRITE_FAILED` when a directory cannot be created; the message names it and the cause.
 */
export function createRunDirectory(repoRoot: string, ns: bigint): Result<RunDirectory, EventError> {
  const logs = logsDirectory(repoRoot);
  let path = logs;
  try {
    if (!existsSync(logs)) prepareRuntimeDirectory(repoRoot);
    path = receiptsDirectory(repoRoot);
    mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    for (let candidate = ns; ; candidate++) {
      const identity = runIdentity(candidate);
      path = join(logs, identity.runId);
      if (createExclusively(path)) {
        return ok({ identity, directory: path, receiptPath: receiptPath(repoRoot, identity.runId) });
      }
    }
  } catch (cause) {
    return err(writeError(path, systemErrorOf(cause)));
  }
}

/**
 * Creates the folder of receipts where it is missing, for a receipt that is not that of a run.
 *
 * @param repoRoot - Absolute path.
 * @returns The folder, or `ARTIFACTS_WRITE_FAILED` when it cannot be created.
 */
export function prepareReceiptsDirectory(repoRoot: string): Result<string, EventError> {
  const path = receiptsDirectory(repoRoot);
  try {
    if (!existsSync(logsDirectory(repoRoot))) prepareRuntimeDirectory(repoRoot);
    mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    return ok(path);
  } catch (cause) {
    return err(writeError(path, systemErrorOf(cause)));
  }
}

function prepareRuntimeDirectory(repoRoot: string): void {
  const runtime = runtimeDirectory(repoRoot);
  // `.loom` itself belongs to the user and has the user's usual mode.
  mkdirSync(join(repoRoot, ".loom"), { recursive: true });
  mkdirSync(runtime, { recursive: true, mode: DIRECTORY_MODE });
  writeFileSync(join(runtime, ".gitignore"), "*\n", { mode: FILE_MODE });
  mkdirSync(logsDirectory(repoRoot), { recursive: true, mode: DIRECTORY_MODE });
}

function createExclusively(path: string): boolean {
  try {
    mkdirSync(path, { mode: DIRECTORY_MODE });
    return true;
  } catch (cause) {
    if (systemErrorOf(cause).code === "EEXIST") return false;
    throw cause;
  }
}
