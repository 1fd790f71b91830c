import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { err, ok, runIdentity, type Result, type RunIdentity } from "@loom/core";
import { systemErrorOf } from "@loom/system";
import { writeError, type WriteError } from "../write/write-error.ts";
import { prepareRuntimeDirectory } from "./own-directory.ts";
import { DIRECTORY_MODE } from "./run-files.ts";
import { logsDirectory, receiptPath, receiptsDirectory } from "./runtime-directory.ts";

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
 *   `ARTIFACTS_REFUSED_PLACE` when evidence would land elsewhere; see `prepareRuntimeDirectory`.
 */
export function createRunDirectory(repoRoot: string, ns: bigint): Result<RunDirectory, WriteError> {
  const refused = prepareRuntimeDirectory(repoRoot);
  if (refused !== undefined) return err(refused);
  for (let candidate = ns; ; candidate++) {
    const identity = runIdentity(candidate);
    const path = join(logsDirectory(repoRoot), identity.runId);
    try {
      if (createExclusively(path)) {
        return ok({ identity, directory: path, receiptPath: receiptPath(repoRoot, identity.runId) });
      }
    } catch (cause) {
      return err(writeError(path, systemErrorOf(cause)));
    }
  }
}

/**
 * Makes the directory of a run once more that was removed while the run went
 * on, for what can still be written.
 *
 * @param repoRoot - Absolute path.
 * @returns Why it cannot be made.
 */
export function restoreRunDirectory(repoRoot: string, { directory }: RunDirectory): WriteError | undefined {
  const refused = prepareRuntimeDirectory(repoRoot);
  if (refused !== undefined) return refused;
  try {
    createExclusively(directory);
    return undefined;
  } catch (cause) {
    return writeError(directory, systemErrorOf(cause));
  }
}

/**
 * Creates the folder of receipts if it is missing, for a receipt that does not belong to a run.
 *
 * @param repoRoot - Absolute path.
 * @returns The folder, or why it cannot be used; see `prepareRuntimeDirectory`.
 */
export function prepareReceiptsDirectory(repoRoot: string): Result<string, WriteError> {
  const refused = prepareRuntimeDirectory(repoRoot);
  return refused === undefined ? ok(receiptsDirectory(repoRoot)) : err(refused);
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
