import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import {
  checkRunDirectory,
  claimRun,
  forgetClaim,
  openRun,
  ownedRuns,
  prepareReceiptsDirectory,
  runHome,
  type ReadError,
} from "@loom/artifacts";
import {
  err,
  identityOf,
  ok,
  type EpochMs,
  type PhaseFinishEvent,
  type Result,
  type RunIdentity,
} from "@loom/core";
import { closeRun, hasClosed, type RecoveredRun, type RecoveryError } from "./close-run.ts";
import { documentsAreThere } from "./documents-are-there.ts";
import type { ReadRun } from "./past-run.ts";
import { NOTHING, readRun } from "./read-past-run.ts";

/** What a recovery needs to know. */
export interface RecoverOptions {
  /** The moment of the recovery; it is noted, the run itself ends with its last record. */
  readonly nowMs: EpochMs;
  /**
   * Closes a run of which it cannot be told whether it still goes on. For a
   * person who knows that it does not. Default: false.
   */
  readonly force?: boolean | undefined;
}

/**
 * Closes the evidence of a run whose process ended before the run did: what was
 * open in its streams is closed, the documents that are missing are written, and
 * the run fails with the code `interrupted`.
 *
 * What is there stays as it is; an unfinished last line of a stream becomes a
 * `log` record. A run that has closed is left alone, so a second recovery does
 * nothing; if documents of it are missing, they are written. A recovery that
 * was itself killed is taken up by the next one. Ends no processes.
 *
 * @param path - The run's directory.
 */
export async function recoverRun(
  path: string,
  options: RecoverOptions,
): Promise<Result<RecoveredRun, RecoveryError>> {
  const directory = resolve(path);
  const past = await readPast(directory);
  if (!past.ok) return past;
  const identity = recordedIdentity(past.value, directory);
  if (identity === undefined) {
    return err({
      code: "ARTIFACTS_NOT_FOUND",
      message: `Cannot recover "${directory}": it is not a run's directory`,
    });
  }
  const home = runHome(directory);
  const isWhole = (): boolean => documentsAreThere(directory, identity);
  if (hasClosed(past.value) && isWhole()) {
    // Nothing to do; a note that it is open may still be there, of a process that ended right after the run.
    if (home !== undefined) forgetDeadClaim(home, directory);
    return ok({ identity, kind: "closed" });
  }
  const refused = checkRunDirectory(directory);
  if (refused !== undefined) return err(refused);
  const receipts = home === undefined ? ok(undefined) : prepareReceiptsDirectory(home);
  if (!receipts.ok) return receipts;
  const claim = claimRun(directory, { force: options.force ?? false });
  // Without it two could close the run at the same time.
  if (!claim.ok) return claim;
  // Once more: until now it was somebody else's, who may have closed it.
  const mine = await readPast(directory);
  if (!mine.ok) return mine;
  if (hasClosed(mine.value) && isWhole()) {
    claim.value.release();
    return ok({ identity, kind: "closed" });
  }
  const closed = closeRun(directory, { identity, past: mine.value, nowMs: options.nowMs });
  // A claim that stays has the next run try again.
  if (closed.ok) claim.value.release();
  return closed;
}

/** Gives up a claim that nobody will: the one of a process that is gone, as a run that has closed shows. */
function forgetDeadClaim(root: string, directory: string): void {
  const claim = ownedRuns(root).find((run) => run.directory === directory);
  if (claim?.owner === "dead") forgetClaim(directory);
}

async function readPast(directory: string): Promise<Result<ReadRun, ReadError>> {
  const run = await openRun(directory);
  if (run.ok) return readRun(run.value);
  // A run that was killed before its first record has an empty directory.
  return run.error.code === "ARTIFACTS_NOT_FOUND" && existsSync(directory) ? ok(NOTHING) : run;
}

/** Which run it is, as its records or its folder say. */
export function recordedIdentity({ records }: ReadRun, directory: string): RunIdentity | undefined {
  for (const { record } of records) {
    if (record.event !== "phase_start" && record.event !== "phase_finish") continue;
    const { run_id: runId, pipeline_id: pipelineId }: Pick<PhaseFinishEvent, "run_id" | "pipeline_id"> =
      record;
    return { runId, pipelineId };
  }
  return identityOf(basename(directory));
}
