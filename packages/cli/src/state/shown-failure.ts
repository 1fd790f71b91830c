import type { JobId } from "@loom/core";
import type { ExplainedError, Explanation } from "@loom/diagnosis";

/** A document or a stream of the run that leads from the receipt to the cause. */
export interface EvidenceFile {
  /** Path relative to the run's folder; `receipt` for the receipt, which is elsewhere. */
  readonly name: string;
  /** One word for it, to show. */
  readonly word: string;
  /** Absolute path. */
  readonly path: string;
  /** Whether it exists (yet). */
  readonly isThere: boolean;
}

/** A failed job as the failure view shows it. */
export interface ShownFailure {
  readonly jobId: JobId;
  readonly explanation: Explanation;
  /** From the receipt to the stream that shows the failure, then the validator's report. */
  readonly files: readonly EvidenceFile[];
}

/** What can be selected in the failure view. */
export type FailureItem =
  | { readonly kind: "error"; readonly error: ExplainedError }
  /** The log of what failed, if no known error was found. */
  | { readonly kind: "log" }
  | { readonly kind: "file"; readonly file: EvidenceFile };

/** The items of the failure view in order: the errors, then the files. */
export function failureItems(failure: ShownFailure | undefined): readonly FailureItem[] {
  if (failure === undefined) return [];
  const errors = failure.explanation.errors.map((error): FailureItem => ({ kind: "error", error }));
  const files = failure.files.map((file): FailureItem => ({ kind: "file", file }));
  return [...(errors.length === 0 ? [{ kind: "log" } as const] : errors), ...files];
}

/** The selected item; `undefined` until the failure is read. */
export function chosenItem(failure: ShownFailure | undefined, index: number): FailureItem | undefined {
  const items = failureItems(failure);
  return items[Math.min(index, items.length - 1)];
}
