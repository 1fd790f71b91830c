import { unreachable, type JobId, type Scope, type StreamRef } from "@loom/core";
import { streamAt } from "@loom/record";

/** Which stream of a run a path names. */
export type JudgedPlace =
  | StreamRef
  /** Repeats records of the job's and the steps' streams. */
  | { readonly kind: "mirror"; readonly jobId: JobId }
  | { readonly kind: "unknown" };

/**
 * Returns which stream of a run a path names, the last attempt's or an earlier one's.
 *
 * @param path - Relative to the run's directory, with `/`.
 */
export function streamPlace(path: string): JudgedPlace {
  const place = streamAt(path);
  if (place === undefined) return { kind: "unknown" };
  return place.kind === "mirror" ? place : place.stream;
}

/** What is said of a path that names no stream. */
export const NO_STREAM = "No stream of a run has this path";

/** The job that a stream belongs to. */
export function jobOf(place: JudgedPlace): string | undefined {
  return "jobId" in place ? place.jobId : undefined;
}

/** The scope that a record of a stream has when it does not say. */
export function scopeOf(place: JudgedPlace): Scope {
  switch (place.kind) {
    case "pipeline":
    case "step":
      return place.kind;
    case "job":
    case "mirror":
    case "section":
      return "job";
    case "run":
    case "unknown":
      return "run";
    default:
      return unreachable(place);
  }
}
