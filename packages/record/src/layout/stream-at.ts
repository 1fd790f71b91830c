import { isSectionName, jobId, type JobId, type StreamRef } from "@loom/core";

/** What a stream of a run is, by the path of its file. */
export type StreamPlace =
  | {
      readonly kind: "stream";
      readonly stream: StreamRef;
      /** Number of an attempt that a later one replaced; absent for the last one. */
      readonly attempt?: number;
    }
  /** The mirror in `user/execution`: it repeats records of the job's and the steps' streams. */
  | { readonly kind: "mirror"; readonly jobId: JobId };

/** A path below `jobs/<id>/`, without the directory of an earlier attempt. */
export interface JobPath {
  readonly jobId: JobId;
  readonly rest: string;
  /** Number of the earlier attempt that the directory belongs to; absent for the last attempt. */
  readonly attempt?: number;
}

/**
 * Returns which stream is at a path: the inverse of `streamPath`.
 *
 * Also reads what older versions wrote: the directory of an earlier attempt
 * directly below the job, and steps without `user/execution`.
 *
 * @param path - Relative to the run's directory, with `/`.
 * @returns `undefined` when the path is not a stream of a run.
 */
export function streamAt(path: string): StreamPlace | undefined {
  if (path === "events.jsonl") return { kind: "stream", stream: { kind: "run" } };
  if (path === "pipeline/events.jsonl") return { kind: "stream", stream: { kind: "pipeline" } };
  const inJob = splitJobPath(path);
  if (inJob === undefined) return undefined;
  const { jobId: job, rest, attempt } = inJob;
  if (rest === "user/execution/events.jsonl") return { kind: "mirror", jobId: job };
  const stream = streamOfJob(job, rest);
  return stream && { kind: "stream", stream, ...(attempt !== undefined && { attempt }) };
}

function streamOfJob(job: JobId, rest: string): StreamRef | undefined {
  if (rest === "events.jsonl") return { kind: "job", jobId: job };
  const step = /^(?:user\/execution\/)?script\/(\d{2,6})\/events\.jsonl$/.exec(rest)?.[1];
  if (step !== undefined && Number(step) > 0) return { kind: "step", jobId: job, step: Number(step) };
  const section = /^system\/([^/]+)\/events\.jsonl$/.exec(rest)?.[1];
  if (section !== undefined && isSectionName(section)) return { kind: "section", jobId: job, section };
  return undefined;
}

/** Takes a path below `jobs/<id>/` apart; `undefined` for any other path. */
export function splitJobPath(path: string): JobPath | undefined {
  const [, job, below] = /^jobs\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (job === undefined || below === undefined) return undefined;
  const [, before, attempt, after] = /^(user\/execution\/)?attempts\/(\d{1,3})\/(.+)$/.exec(below) ?? [];
  if (attempt === undefined || after === undefined) return { jobId: jobId(job), rest: below };
  return { jobId: jobId(job), rest: `${before ?? ""}${after}`, attempt: Number(attempt) };
}
