import { isSectionName, jobId, type JobId, type StreamRef } from "@loom/core";

/** What a stream of a run is, by the place of its file. */
export type StreamPlace =
  | { readonly kind: "stream"; readonly stream: StreamRef }
  /** A step of an attempt that a later one replaced. */
  | {
      readonly kind: "attempt";
      readonly stream: StreamRef & { readonly kind: "step" };
      readonly attempt: number;
    }
  /** The mirror in `user/execution`. */
  | { readonly kind: "mirror"; readonly jobId: JobId };

/**
 * Says which stream lies at a path: the other way round of `streamPath`.
 *
 * @param path - Relative to the run's directory, with `/`.
 * @returns `undefined` when no stream of a run lies there.
 */
export function streamAt(path: string): StreamPlace | undefined {
  if (path === "events.jsonl") return { kind: "stream", stream: { kind: "run" } };
  if (path === "pipeline/events.jsonl") return { kind: "stream", stream: { kind: "pipeline" } };
  const [, job, rest] = /^jobs\/([^/]+)\/(.*)$/.exec(path) ?? [];
  if (job === undefined || rest === undefined) return undefined;
  const id = jobId(job);
  if (rest === "events.jsonl") return { kind: "stream", stream: { kind: "job", jobId: id } };
  if (rest === "user/execution/events.jsonl") return { kind: "mirror", jobId: id };
  const section = /^system\/([^/]+)\/events\.jsonl$/.exec(rest)?.[1];
  if (section !== undefined) {
    return isSectionName(section)
      ? { kind: "stream", stream: { kind: "section", jobId: id, section } }
      : undefined;
  }
  const [, attempt, step] =
    /^user\/execution\/(?:attempts\/(\d+)\/)?script\/(\d{2,})\/events\.jsonl$/.exec(rest) ?? [];
  if (step === undefined) return undefined;
  const stream = { kind: "step", jobId: id, step: Number(step) } as const;
  return attempt === undefined
    ? { kind: "stream", stream }
    : { kind: "attempt", stream, attempt: Number(attempt) };
}
