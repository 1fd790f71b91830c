import { composeReceipt, type RunRecorder } from "@loom/artifacts";
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
import { fromWireTime, wireTime } from "@loom/record";
import type { ClosingRecords } from "./closing-records.ts";
import type { ReadRun } from "./past-run.ts";
import { receiptPlace, recordedContext } from "./recorded-receipt.ts";

/** What the last documents are made of. */
export interface ClosingParts {
  readonly identity: RunIdentity;
  readonly past: ReadRun;
  readonly recorder: RunRecorder;
  /** `finalizing`. */
  readonly machine: RunMachine;
  readonly records: ClosingRecords;
  readonly nowMs: EpochMs;
  /** What the recorder could not write, if anything. */
  readonly fault: () => EventError | undefined;
}

/**
 * Writes the final documents and the receipt, and then the last record: whoever
 * sees that finds every document, and a report that has seen everything it
 * speaks of. So a recovery that is killed before is taken up by the next one.
 *
 * For a run that has its last record already only the documents are written.
 */
export function writeClosingDocuments(
  directory: string,
  parts: ClosingParts,
): Result<{ readonly verdict: "valid" | "invalid"; readonly receiptPath?: string }, EventError> {
  const { identity, past, recorder, machine, records, nowMs } = parts;
  const last =
    machine.stage === "finalizing"
      ? records.emissionsOf(
          machine.step({ type: "finalized", outcome: { status: "success" }, atMs: records.atMs }),
        )
      : [];
  const documents = (): Result<"valid" | "invalid", EventError> => {
    const upcoming = records.linesOf(last);
    const report = judgeRunDirectory(directory, { checkedAt: wireTime(nowMs), identity, upcoming });
    if (!report.ok) return report;
    const written = recorder.finalDocuments({
      outcome: machine.result(),
      finishedAtMs: records.atMs,
      phaseReport: { status: report.value.status, document: report.value },
    });
    return written.ok ? ok(report.value.status) : written;
  };

  // The report judges the documents as well, so they have to be there when it is drawn up.
  const provisional = documents();
  if (!provisional.ok) return provisional;
  const place = receiptPlace(directory, identity.runId);
  if (place !== undefined) {
    const first = past.records[0]?.record.ts;
    const startedAtMs = first === undefined ? records.atMs : fromWireTime(first);
    const receipt = composeReceipt(recordedContext(past.records, { directory, startedAtMs }), {
      runId: identity.runId,
      runDirectory: directory,
      outcome: machine.result(),
      finishedAtMs: records.atMs,
      executor: recorder.executorReceipt(concurrencyOf(past)),
    });
    const written = recorder.writeReceipt(place, receipt);
    if (!written.ok) return written;
  }
  const verdict = documents();
  if (!verdict.ok) return verdict;
  records.emissions(last);
  recorder.close();
  const fault = parts.fault();
  if (fault !== undefined) return err(fault);
  return ok({ verdict: verdict.value, ...(place !== undefined && { receiptPath: place }) });
}

function concurrencyOf({ records }: ReadRun): number {
  for (const { record } of records) {
    const concurrency = record.event === "log" ? record["concurrency"] : undefined;
    if (typeof concurrency === "number") return concurrency;
  }
  return 1;
}
