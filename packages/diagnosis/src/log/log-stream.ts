import { unreachable, type JobId, type SectionName } from "@loom/core";
import { streamAt } from "@loom/record";
import type { LogUnit } from "./log-line.ts";

/** A stream of a run that holds lines. */
export interface LogStream {
  /** Relative to the run's directory. */
  readonly path: string;
  readonly jobId: JobId;
  readonly unit: LogUnit;
  /** Orders the units of a job roughly as they come: what comes later has the higher rank. */
  readonly rank: number;
}

/** More than a job may have steps. */
const MAX_STEPS = 10_000;

/** Orders the last attempt behind the earlier ones, of which there are 10 at most. */
const LAST_ATTEMPT = 99;

/** Ranks above those of all steps. */
const AFTER_STEPS = 1e9;

/** The sections in the order of their phases; those after the steps have the higher numbers. */
const SECTION_RANKS: { readonly [S in SectionName]: number } = {
  provider: -6,
  services: -5,
  image_build: -4,
  cache_restore: -3,
  artifact_extract: -2,
  artifact_save: AFTER_STEPS,
  cache_save: AFTER_STEPS + 1,
  cleanup: AFTER_STEPS + 2,
};

/** What a stream holds lines of, by its path; `undefined` for mirrors, envelopes and streams of other kinds. */
export function logStreamOf(path: string): LogStream | undefined {
  const place = streamAt(path);
  if (place?.kind !== "stream") return undefined;
  const { stream, attempt } = place;
  switch (stream.kind) {
    case "step":
      return {
        path,
        jobId: stream.jobId,
        unit: { kind: "step", step: stream.step, ...(attempt !== undefined && { attempt }) },
        rank: (attempt ?? LAST_ATTEMPT) * MAX_STEPS + stream.step,
      };
    case "section":
      return {
        path,
        jobId: stream.jobId,
        unit: { kind: "section", section: stream.section },
        rank: SECTION_RANKS[stream.section],
      };
    case "run":
    case "pipeline":
    case "job":
      return undefined;
    default:
      return unreachable(stream);
  }
}
