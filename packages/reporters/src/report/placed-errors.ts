import type { FoundError } from "@loom/core";
import type { RunEnd } from "@loom/ports";

/** An error at a place of a file, as a CI server shows it beside the line. */
export interface PlacedError {
  /** Relative to the root of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column?: number;
  /** The tool and its word for it: `tsc TS2322`. */
  readonly title: string;
  readonly message: string;
  readonly severity: "error" | "warning";
}

/**
 * The errors of failed jobs that name a line of a file, job by job; those of
 * which a place is not known are left out. Of a job that may fail, all are warnings.
 */
export function placedErrors({
  errors,
  outcome,
}: Pick<RunEnd, "errors" | "outcome">): readonly (readonly PlacedError[])[] {
  const counting = new Set(outcome.failedJobIds);
  return [...(errors ?? [])].map(([jobId, found]) =>
    found.flatMap((error) => placedError(error, counting.has(jobId))),
  );
}

function placedError(error: FoundError, blocking: boolean): PlacedError[] {
  const { file, line, column, tool, code, message } = error;
  if (file === undefined || line === undefined) return [];
  return [
    {
      file,
      // Some tools say 0 for the whole file, where no CI server has a line.
      line: Math.max(1, line),
      ...(column !== undefined && column > 0 && { column }),
      title: code === undefined ? tool : `${tool} ${code}`,
      message,
      severity: blocking ? (error.severity ?? "error") : "warning",
    },
  ];
}
