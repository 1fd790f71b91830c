import type { JobId } from "@loom/core";
import type { ExplainedError, Explanation } from "@loom/diagnosis";

/** A document or a stream of the run, on the way from the receipt to the cause. */
export interface EvidenceFile {
  /** What it is called below the run's folder; `receipt` for the one that lies elsewhere. */
  readonly name: string;
  /** One word for it. */
  readonly word: string;
  /** Absolute. */
  readonly path: string;
  /** Whether it is there (yet). */
  readonly isThere: boolean;
}

/** One failed job as the failure view shows it. */
export interface ShownFailure {
  readonly jobId: JobId;
  readonly explanation: Explanation;
  /** From the receipt to the stream that shows the failure, and the verdict on all of it. */
  readonly files: readonly EvidenceFile[];
}

/** What can be chosen in the failure view. */
export type FailureItem =
  | { readonly kind: "error"; readonly error: ExplainedError }
  /** The log of what failed: where no tool reported an error that is known. */
  | { readonly kind: "log" }
  | { readonly kind: "file"; readonly file: EvidenceFile };

/** In the order in which one moves through them: the errors, then the files. */
export function failureItems(failure: ShownFailure | undefined): readonly FailureItem[] {
  if (failure === undefined) return [];
  const errors = failure.explanation.errors.map((error): FailureItem => ({ kind: "error", error }));
  const files = failure.files.map((file): FailureItem => ({ kind: "file", file }));
  return [...(errors.length === 0 ? [{ kind: "log" } as const] : errors), ...files];
}

/** The chosen one; `undefined` while nothing is read. */
export function chosenItem(failure: ShownFailure | undefined, index: number): FailureItem | undefined {
  const items = failureItems(failure);
  return items[Math.min(index, items.length - 1)];
}
