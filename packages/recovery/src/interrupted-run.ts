import { existsSync } from "node:fs";
import {
  resumeRunRecorder,
  openRun,
  writeFailure,
  type ReceiptContext,
  type RunRecorder,
  type RunRecorderOptions,
} from "@loom/artifacts";
import {
  err,
  ok,
  recordedSchedule,
  replayRun,
  type EpochMs,
  type EventError,
  type RecordedEvent,
  type Result,
  type RunIdentity,
  type RunMachine,
  type RunPlan,
  type StreamRef,
} from "@loom/core";
import { fromWireTime } from "@loom/record";
import { createSchedule } from "@loom/scheduler";
import { ClosingRecords } from "./closing-records.ts";
import type { RecoveryError } from "./close-run.ts";
import { pastItems } from "./past-items.ts";
import type { ReadRun } from "./past-run.ts";
import { readRun } from "./read-past-run.ts";
import { recordedPlan } from "./recorded-plan.ts";
import { factsWith, recordedContext } from "./recorded-receipt.ts";
import { recordedIdentity } from "./recover-run.ts";
import { removeTemporaryFiles } from "./remove-temporary-files.ts";
import { repairStreams } from "./repair-streams.ts";

/** Where the jobs of an interrupted run worked. */
export interface RecordedWorkspace {
  /** Absolute path of the folder that jobs started in. */
  readonly projectDir: string;
  readonly treeHash?: string;
}

/** A run whose process ended while its jobs ran, as its records have it. Nothing was changed. */
export interface InterruptedRun {
  readonly identity: RunIdentity;
  /** What the run was started for. */
  readonly context: ReceiptContext;
  readonly plan: RunPlan;
  readonly workspace: RecordedWorkspace;
  /** Names of the variables that were set for the run alone. */
  readonly variables: readonly string[];
  /** Whether workers could carry out its jobs. */
  readonly isRemote: boolean;
  /** The pool for jobs that name none; absent where these ran with the run itself. */
  readonly pool?: string;
  /**
   * Makes the evidence ready to go on with, and notes in it what had not reached the disk. The caller has claimed the run.
   *
   * @param told - Called with every record that is there, and with those notes, in the order of `seq`. Lines of output are left out.
   * @returns `ARTIFACTS_WRITE_FAILED` when the disk refuses that.
   */
  reopen(
    options: Omit<RunRecorderOptions, "identity" | "runDirectory">,
    told: (stream: StreamRef, record: RecordedEvent["record"]) => void,
  ): Result<ReopenedRun, EventError>;
}

/** A run that can go on. */
export interface ReopenedRun {
  readonly machine: RunMachine;
  readonly recorder: RunRecorder;
  /** The last `seq` that was given. */
  readonly lastSeq: number;
  /** The moment of the last record. Nothing comes before it. */
  readonly lastAtMs: EpochMs;
}

/**
 * Looks at a run that is to be taken up.
 *
 * @param directory - Absolute.
 * @returns The codes of `ReadError`; `RUN_NOT_REPLAYABLE` when its records are not those of a run that broke off, and
 *   `RUN_NOT_RESUMABLE` when none of its jobs could start yet, or its pipeline had closed.
 */
export async function readInterruptedRun(directory: string): Promise<Result<InterruptedRun, RecoveryError>> {
  if (!existsSync(directory))
    return err({ code: "ARTIFACTS_NOT_FOUND", message: `There is no run in "${directory}"` });
  const run = await openRun(directory);
  const read = run.ok ? await readRun(run.value) : run;
  if (!read.ok) return read;
  const past = read.value;
  const identity = recordedIdentity(past, directory);
  const { known, plan } = recordedPlan(past.records);
  if (identity === undefined || !known) return err(notResumable("it had not begun with its jobs"));
  const replayed = replayRun(past.records, {
    identity,
    plan,
    schedule: (each) => recordedSchedule(createSchedule(each), past.records),
  });
  if (!replayed.ok)
    return err({
      code: "RUN_NOT_REPLAYABLE",
      message: `Cannot go on with "${identity.runId}": ${replayed.error.message}`,
    });
  const { machine, unrecorded } = replayed.value;
  if (machine.stage !== "executing")
    return err(
      notResumable(
        machine.stage === "bootstrapping" ? "it had not begun with its jobs" : "its jobs are over",
      ),
    );
  const [first] = past.records;
  const startedAtMs = first?.atMs ?? fromWireTime(past.lastTs ?? "");
  const facts = factsOf(past);
  return ok({
    identity,
    plan,
    context: recordedContext(past.records, { directory, startedAtMs }),
    ...facts,
    reopen: (options, told) => {
      try {
        removeTemporaryFiles(directory);
        repairStreams(directory, past);
        const recorder = resumeRunRecorder(
          { ...options, runDirectory: directory, identity },
          pastItems(past),
        );
        for (const { stream, record } of past.records) told(stream, record);
        const records = new ClosingRecords(
          {
            record: (stream, record) => {
              recorder.record(stream, record);
              told(stream, record);
            },
            flush: () => recorder.flush(),
          },
          past,
          identity,
        );
        records.fillGaps();
        records.emissions(unrecorded);
        return ok({ machine, recorder, lastSeq: records.lastSeq, lastAtMs: records.atMs });
      } catch (thrown) {
        return err(writeFailure(directory, thrown));
      }
    },
  });
}

function notResumable(why: string): EventError {
  return {
    code: "RUN_NOT_RESUMABLE",
    message: `The run cannot go on: ${why}. Run again, or close its evidence with loom recover`,
  };
}

function factsOf({
  records,
}: ReadRun): Pick<InterruptedRun, "workspace" | "variables" | "isRemote" | "pool"> {
  const fact = (name: string): unknown => factsWith(records, name)?.[name];
  const pool = fact("pool");
  const [projectDir, treeHash, variables] = [fact("workspace"), fact("tree_hash"), fact("variables")];
  return {
    workspace: {
      projectDir: typeof projectDir === "string" ? projectDir : "",
      ...(typeof treeHash === "string" && { treeHash }),
    },
    variables: Array.isArray(variables) ? variables.map(String) : [],
    isRemote: fact("remote") === true,
    ...(typeof pool === "string" && { pool }),
  };
}
