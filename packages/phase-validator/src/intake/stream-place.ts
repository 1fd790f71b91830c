import { SECTION_PHASES, unreachable, type Scope, type SectionName } from "@loom/core";

/** Which stream of a run a path names. */
export type StreamPlace =
  | { readonly kind: "run" }
  | { readonly kind: "pipeline" }
  | { readonly kind: "job"; readonly jobId: string }
  /** Repeats records of the job's and the steps' streams. */
  | { readonly kind: "mirror"; readonly jobId: string }
  | { readonly kind: "step"; readonly jobId: string; readonly step: number }
  | { readonly kind: "section"; readonly jobId: string; readonly section: SectionName }
  | { readonly kind: "unknown" };

/**
 * Tells which stream of a run a path names.
 *
 * Streams of earlier attempts may lie below `attempts/<n>/`, in the job's
 * directory or in its `user/execution`.
 *
 * @param path - Relative to the run's directory, with `/`.
 */
export function streamPlace(path: string): StreamPlace {
  if (path === "events.jsonl") return { kind: "run" };
  if (path === "pipeline/events.jsonl") return { kind: "pipeline" };
  const inJob = splitJobPath(path);
  if (inJob === undefined) return { kind: "unknown" };
  const { jobId, rest } = inJob;
  if (rest === "events.jsonl") return { kind: "job", jobId };
  if (rest === "user/execution/events.jsonl") return { kind: "mirror", jobId };
  const step = /^(?:user\/execution\/)?script\/(\d{2,6})\/events\.jsonl$/.exec(rest)?.[1];
  if (step !== undefined && Number(step) > 0) return { kind: "step", jobId, step: Number(step) };
  const section = /^system\/([^/]+)\/events\.jsonl$/.exec(rest)?.[1];
  if (section !== undefined && isSectionName(section)) return { kind: "section", jobId, section };
  return { kind: "unknown" };
}

/** A path below `jobs/<id>/`, without the directory of an earlier attempt. */
export interface JobPath {
  readonly jobId: string;
  readonly rest: string;
  /** Number of the earlier attempt whose directory it is; absent for the last attempt. */
  readonly attempt?: number;
}

/** Takes a path below `jobs/<id>/` apart; `undefined` for any other path. */
export function splitJobPath(path: string): JobPath | undefined {
  const [, jobId, below] = /^jobs\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (jobId === undefined || below === undefined) return undefined;
  const [, before, attempt, after] = /^(user\/execution\/)?attempts\/(\d{1,3})\/(.+)$/.exec(below) ?? [];
  if (attempt === undefined || after === undefined) return { jobId, rest: below };
  return { jobId, rest: `${before ?? ""}${after}`, attempt: Number(attempt) };
}

/** What is said of a path that names no stream. */
export const NO_STREAM = "No stream of a run has this path";

/** The job that a stream belongs to. */
export function jobOf(place: StreamPlace): string | undefined {
  return "jobId" in place ? place.jobId : undefined;
}

/** The scope that a record of a stream has when it does not say. */
export function scopeOf(place: StreamPlace): Scope {
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

/** Whether a word names a section. */
export function isSectionName(word: unknown): word is SectionName {
  return typeof word === "string" && Object.hasOwn(SECTION_PHASES, word);
}
