import { jobId, SECTION_PHASES, type JobId, type SectionName } from "@loom/core";
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

const STEP =
  /^jobs\/(?<job>[^/]+)\/user\/execution\/(?:attempts\/(?<attempt>\d+)\/)?script\/(?<step>\d+)\/events\.jsonl$/;
const SECTION = /^jobs\/(?<job>[^/]+)\/system\/(?<section>[a-z_]+)\/events\.jsonl$/;

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
  const step = STEP.exec(path)?.groups;
  if (step !== undefined) {
    const attempt = step["attempt"] === undefined ? undefined : Number(step["attempt"]);
    const number = Number(step["step"]);
    return {
      path,
      jobId: jobId(step["job"] ?? ""),
      unit: { kind: "step", step: number, ...(attempt !== undefined && { attempt }) },
      rank: (attempt ?? 99) * 10_000 + number,
    };
  }
  const section = SECTION.exec(path)?.groups;
  const name = section?.["section"] ?? "";
  if (section === undefined || !isSection(name)) return undefined;
  return {
    path,
    jobId: jobId(section["job"] ?? ""),
    unit: { kind: "section", section: name },
    rank: SECTION_RANKS[name],
  };
}

function isSection(name: string): name is SectionName {
  return Object.hasOwn(SECTION_PHASES, name);
}
