import { openRun, readRecords } from "@loom/artifacts";
import { err, ok, type Result } from "@loom/core";
import { ViewModel } from "@loom/reporters/view";

/** A run read back from its folder. */
export interface RecordedRun {
  readonly model: ViewModel;
  /** Numbers of the records that were read. */
  readonly seen: ReadonlySet<number>;
  /** Absolute. */
  readonly directory: string;
  /** Absolute; absent when it has none. */
  readonly receiptPath?: string;
}

/**
 * Reads a run back through the same model that follows one that happens. What
 * jobs printed is not read: that stays on disk until somebody looks at it.
 *
 * @param path - Absolute path of its directory or its receipt.
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
