import type { EventError, Result, RunIdentity } from "@loom/core";
import { composeReceipt, type ReceiptContext } from "../projection/compose-receipt.ts";
import { withoutEvidence } from "../projection/without-evidence.ts";
import type { FinalDocuments, RunRecorder } from "./run-recorder.ts";

/** Where the last documents of a run go, and what its receipt says. */
export interface FinalizeParts {
  readonly identity: RunIdentity;
  /** Absolute. */
  readonly runDirectory: string;
  /** Absolute; its directory exists. */
  readonly receiptPath: string;
  /** How many jobs could run at a time. */
  readonly concurrency: number;
  readonly context: ReceiptContext;
}

/**
 * Writes what a run has at its end: the documents of the pipeline and of the
 * run, then the receipt, which points at them.
 *
 * @returns `ARTIFACTS_WRITE_FAILED` with the first stream or document that is not whole. What could be written is, and
 *   says that the run failed.
 */
export function finalizeRun(
  recorder: RunRecorder,
  final: FinalDocuments,
  parts: FinalizeParts,
): Result<void, EventError> {
  const { identity, runDirectory, receiptPath, concurrency, context } = parts;
  const written = recorder.finalDocuments(final);
  const receipt = composeReceipt(context, {
    runId: identity.runId,
    runDirectory,
    outcome: written.ok ? final.outcome : withoutEvidence(final.outcome, written.error),
    finishedAtMs: final.finishedAtMs,
    executor: recorder.executorReceipt(concurrency),
  });
  const noted = recorder.writeReceipt(receiptPath, receipt);
  return written.ok ? noted : written;
}
