import type { RunRecorder } from "@loom/artifacts";
import {
  err,
  ok,
  type EpochMs,
  type EventError,
  type Result,
  type RunIdentity,
  type RunMachine,
} from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { wireTime } from "@loom/artifacts";
import type { ClosingRecords } from "./closing-records.ts";
import type { PastRun } from "./past-run.ts";
import { receiptPlace, recordedReceipt } from "./recorded-receipt.ts";

/** What the last documents are made of. */
export interface ClosingParts {
  readonly identity: RunIdentity;
  readonly past: PastRun;
  readonly recorder: RunRecorder;
  /** `finalizing`. */
  readonly machine: RunMachine;
  readonly records: ClosingRecords;
  readonly nowMs: EpochMs;
}

/**
 * Writes the final documents, the receipt and the last record, and judges the
 * whole: the report of a recovered run has seen everything it speaks of.
 */
export function writeClosingDocuments(
  directory: string,
  parts: ClosingParts,
): Result<{ readonly verdict: "valid" | "invalid"; readonly receiptPath?: string }, EventError> {
  const { identity, past, recorder, machine, records, nowMs } = parts;
  const documents = (): Result<"valid" | "invalid", EventError> => {
    const report = judgeRunDirectory(directory, { checkedAt: wireTime(nowMs), identity });
    if (!report.ok) return report;
    const written = recorder.finalDocuments({
      outcome: machine.result(),
      finishedAtMs: records.atMs,
      phaseReport: { status: report.value.status, document: report.value },
    });
    return written.ok ? ok(report.value.status) : written;
  };

  // Every pointer is there before the last record, as in a run that closes by itself.
  const first = documents();
  if (!first.ok) return first;
  const place = receiptPlace(directory, identity.runId);
  const finishedAt = wireTime(records.atMs);
  const receipt = recordedReceipt(past.records, {
    directory,
    identity,
    outcome: machine.result(),
    executor: recorder.executorReceipt(concurrencyOf(past)),
    startedAt: past.records[0]?.record.ts ?? finishedAt,
    finishedAt,
  });
  if (place !== undefined) {
    const written = recorder.writeReceipt(place, receipt);
    if (!written.ok) return written;
  }
  records.emit(machine.step({ type: "finalized", outcome: { status: "success" }, atMs: records.atMs }));
  recorder.close();
  const last = documents();
  return last.ok
    ? ok({ verdict: last.value, ...(place !== undefined && { receiptPath: place }) })
    : err(last.error);
}

function concurrencyOf({ records }: PastRun): number {
  for (const { record } of records) {
    const concurrency = record.event === "log" ? record["concurrency"] : undefined;
    if (typeof concurrency === "number") return concurrency;
  }
  return 1;
}
