import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import {
  checkRunDirectory,
  claimRun,
  forgetClaim,
  openRun,
  ownedRuns,
  prepareReceiptsDirectory,
  resumeRunRecorder,
  runHome,
  writeFailure,
  type ReadError,
} from "@loom/artifacts";
import {
  err,
  identityOf,
  interruptRun,
  ok,
  recordedSchedule,
  replayRun,
  type EpochMs,
  type EventError,
  type LoomEvent,
  type PhaseFinishEvent,
  type ReplayedRun,
  type Result,
  type RunIdentity,
} from "@loom/core";
import { createSchedule } from "@loom/scheduler";
import { ClosingRecords } from "./closing-records.ts";
import { documentsAreThere } from "./documents-are-there.ts";
import { pastItems } from "./past-items.ts";
import type { ReadRun } from "./past-run.ts";
import { NOTHING, readRun } from "./read-past-run.ts";
import { recordedPlan } from "./recorded-plan.ts";
import { removeTemporaryFiles } from "./remove-temporary-files.ts";
import { repairStreams } from "./repair-streams.ts";
import { writeClosingDocuments } from "./write-closing-documents.ts";

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

/** What became of the run. */
export interface RecoveredRun {
  readonly identity: RunIdentity;
  /**
   * - `closed`: it had closed by itself, nothing was changed
   * - `completed`: it had, and what was missing of its documents is there now
   * - `recovered`: it is closed now
   */
  readonly kind: "closed" | "completed" | "recovered";
  /** Verdict of the phase validator over the closed run; absent when nothing was changed. */
  readonly verdict?: "valid" | "invalid";
  /** Absolute path of the receipt; absent for a run that does not lie where runs do. */
  readonly receiptPath?: string;
}

/**
 * Why a run could not be recovered.
 *
 * - the codes of `ReadError`: there is no such run, or a stream cannot be read
 * - `RUN_ALIVE`: somebody still runs it, or closes it right now
 * - `RUN_OWNER_UNKNOWN`: whether somebody still runs it cannot be told; see `force`
 * - `RUN_NOT_REPLAYABLE`: its records are not those of a run that broke off
 * - `ARTIFACTS_REFUSED_PLACE`: something in it, or above it, leads elsewhere
 * - `ARTIFACTS_WRITE_FAILED`: what is missing cannot be written
 */
export type RecoveryError = ReadError | EventError;

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
  const closed = tidyAndClose(directory, { identity, past: mine.value, nowMs: options.nowMs });
  // A claim that stays has the next run try again.
  if (closed.ok) claim.value.release();
  return closed;
}

/** Gives up a claim that nobody will: the one of a process that is gone, as a run that has closed shows. */
function forgetDeadClaim(root: string, directory: string): void {
  const claim = ownedRuns(root).find((run) => run.directory === directory);
  if (claim?.owner === "dead") forgetClaim(directory);
}

/** What the disk refuses is a failure like any other, whichever call it is. */
function tidyAndClose(directory: string, closing: Closing): Result<RecoveredRun, RecoveryError> {
  try {
    removeTemporaryFiles(directory);
    return close(directory, closing);
  } catch (thrown) {
    return err(writeFailure(directory, thrown));
  }
}

interface Closing {
  readonly identity: RunIdentity;
  readonly past: ReadRun;
  readonly nowMs: EpochMs;
}

function close(directory: string, { identity, past, nowMs }: Closing): Result<RecoveredRun, RecoveryError> {
  const replayed = replay(past, identity);
  if (!replayed.ok) return replayed;
  const { machine, unrecorded } = replayed.value;
  const hasEnded = hasClosed(past);
  let fault: EventError | undefined;
  repairStreams(directory, past);
  const recorder = resumeRunRecorder(
    {
      runDirectory: directory,
      identity,
      onFault: (error) => {
        fault = error;
      },
    },
    pastItems(past),
  );
  const records = new ClosingRecords(recorder, past, identity);
  if (hasEnded) {
    const completed = writeClosingDocuments(directory, { identity, past, recorder, machine, records, nowMs });
    return completed.ok ? ok({ identity, kind: "completed", ...completed.value }) : completed;
  }
  records.fillGaps();
  if (machine.stage === "idle")
    records.emissions(records.emissionsOf(machine.step({ type: "run_started", atMs: records.atMs })));
  records.emissions(unrecorded);
  records.noteInterruption(nowMs, machine.stage !== "finalizing");
  records.emissions(interruptRun(machine, { atMs: records.atMs, plan: recordedPlan(past.records).plan }));
  const written = writeClosingDocuments(directory, { identity, past, recorder, machine, records, nowMs });
  if (!written.ok) return written;
  return fault === undefined ? ok({ identity, kind: "recovered", ...written.value }) : err(fault);
}

function replay(past: ReadRun, identity: RunIdentity): Result<ReplayedRun, EventError> {
  const { plan } = recordedPlan(past.records);
  const replayed = replayRun(past.records, {
    identity,
    plan,
    schedule: (known) => recordedSchedule(createSchedule(known), past.records),
  });
  if (replayed.ok) return replayed;
  const message = `Cannot recover "${identity.runId}": ${replayed.error.message}`;
  return err({ code: "RUN_NOT_REPLAYABLE", message });
}

async function readPast(directory: string): Promise<Result<ReadRun, ReadError>> {
  const run = await openRun(directory);
  if (run.ok) return readRun(run.value);
  // A run that was killed before its first record has an empty directory.
  return run.error.code === "ARTIFACTS_NOT_FOUND" && existsSync(directory) ? ok(NOTHING) : run;
}

/** The last record of a run that closed is the finish of `run.finalize`. */
function hasClosed({ records }: ReadRun): boolean {
  const last: LoomEvent | undefined = records.at(-1)?.record;
  return last?.event === "phase_finish" && last.phase_code === "run.finalize";
}

function recordedIdentity({ records }: ReadRun, directory: string): RunIdentity | undefined {
  for (const { record } of records) {
    if (record.event !== "phase_start" && record.event !== "phase_finish") continue;
    const { run_id: runId, pipeline_id: pipelineId }: Pick<PhaseFinishEvent, "run_id" | "pipeline_id"> =
      record;
    return { runId, pipelineId };
  }
  return identityOf(basename(directory));
}
