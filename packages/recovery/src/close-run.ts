import { resumeRunRecorder, writeFailure, type Disk, type ReadError } from "@loom/artifacts";
import {
  err,
  interruptRun,
  ok,
  recordedSchedule,
  replayRun,
  type EpochMs,
  type EventError,
  type LoomEvent,
  type ReplayedRun,
  type Result,
  type RunIdentity,
} from "@loom/core";
import { createSchedule } from "@loom/scheduler";
import { ClosingRecords } from "./closing-records.ts";
import { pastItems } from "./past-items.ts";
import type { ReadRun } from "./past-run.ts";
import { recordedPlan } from "./recorded-plan.ts";
import { removeTemporaryFiles } from "./remove-temporary-files.ts";
import { repairStreams } from "./repair-streams.ts";
import { writeClosingDocuments } from "./write-closing-documents.ts";

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

/** What there is to close. */
export interface Closing {
  readonly identity: RunIdentity;
  readonly past: ReadRun;
  readonly nowMs: EpochMs;
  /** Where the evidence goes. Default: the disk of this machine. */
  readonly disk?: Disk;
}

/**
 * Closes a run that the caller has claimed, or completes the documents of one that has closed.
 *
 * @returns What the disk refuses is a failure like any other, whichever call it is.
 */
export function closeRun(directory: string, closing: Closing): Result<RecoveredRun, RecoveryError> {
  try {
    removeTemporaryFiles(directory);
    return close(directory, closing);
  } catch (thrown) {
    return err(writeFailure(directory, thrown));
  }
}

function close(
  directory: string,
  { identity, past, nowMs, disk }: Closing,
): Result<RecoveredRun, RecoveryError> {
  const replayed = replay(past, identity);
  if (!replayed.ok) return replayed;
  const { machine, unrecorded } = replayed.value;
  let fault: EventError | undefined;
  repairStreams(directory, past);
  const recorder = resumeRunRecorder(
    {
      runDirectory: directory,
      identity,
      disk,
      onFault: (error) => {
        fault = error;
      },
    },
    pastItems(past),
  );
  const records = new ClosingRecords(recorder, past, identity);
  const finish = (kind: "completed" | "recovered"): Result<RecoveredRun, RecoveryError> => {
    const parts = { identity, past, recorder, machine, records, nowMs, fault: () => fault };
    const written = writeClosingDocuments(directory, parts);
    return written.ok ? ok({ identity, kind, ...written.value }) : written;
  };
  if (hasClosed(past)) return finish("completed");
  records.fillGaps();
  if (machine.stage === "idle")
    records.emissions(records.emissionsOf(machine.step({ type: "run_started", atMs: records.atMs })));
  records.emissions(unrecorded);
  records.noteInterruption(nowMs, machine.stage !== "finalizing");
  records.emissions(interruptRun(machine, { atMs: records.atMs, plan: recordedPlan(past.records).plan }));
  return finish("recovered");
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

/** The last record of a run that closed is the finish of `run.finalize`. */
export function hasClosed({ records }: ReadRun): boolean {
  const last: LoomEvent | undefined = records.at(-1)?.record;
  return last?.event === "phase_finish" && last.phase_code === "run.finalize";
}
