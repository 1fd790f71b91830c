import { openRun, readRecords } from "@loom/artifacts";
import { err, ok, type Result } from "@loom/core";
import { ViewModel } from "@loom/reporters/view";

/** A run that was read from its folder. */
export interface RecordedRun {
  readonly model: ViewModel;
  /** Sequence numbers of the records that were read. */
  readonly seen: ReadonlySet<number>;
  /** Absolute path of its folder. */
  readonly directory: string;
  /** Absolute path; absent if the run has no receipt. */
  readonly receiptPath?: string;
}

/**
 * Replays a recorded run through the same model that follows a live one. The output of jobs is not read: it stays on
 * disk until it is shown.
 *
 * @param path - Absolute path of its folder or its receipt.
 * @returns The run, or a message that says why it cannot be read.
 */
export async function replayRecords(path: string): Promise<Result<RecordedRun, string>> {
  const opened = await openRun(path);
  if (!opened.ok) return err(opened.error.message);
  const reader = opened.value;
  const records = await readRecords(reader);
  if (!records.ok) return err(records.error.message);
  const model = new ViewModel();
  for (const { stream, record } of records.value) model.record(stream, record);
  const { directory, receiptPath } = reader;
  const seen = new Set(records.value.map(({ record }) => record.seq));
  return ok({ model, seen, directory, ...(receiptPath !== undefined && { receiptPath }) });
}
