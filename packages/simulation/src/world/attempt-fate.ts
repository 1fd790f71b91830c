import { errorCode, type EventError, type PhaseOutcome, type SectionName } from "@loom/core";
import type { Random } from "../random.ts";
import { randomChunk, randomDelay, type FatedChunk } from "./process-fate.ts";

/** What happens in one section of a job. */
export interface SectionFate {
  readonly section: SectionName;
  readonly chunks: readonly FatedChunk[];
  readonly takesMs: number;
  readonly outcome: PhaseOutcome;
  /** A bug: the work of the section throws. */
  readonly throws: boolean;
}

/** What one attempt at a job meets outside its steps. */
export interface AttemptFate {
  /** The sections of set-up; the first that fails is the last. */
  readonly setUp: readonly SectionFate[];
  /** Whether set-up is given up when the job is asked to stop. */
  readonly heedsStop: boolean;
  /** A bug of the provider. */
  readonly prepareRejects: boolean;
  readonly closeTakesMs: number;
  readonly closeError?: EventError;
  /** A bug of the provider. */
  readonly closeRejects: boolean;
  /** Whether the job left something running, which closing ends and names. */
  readonly leavesProcesses: boolean;
}

/** Draws what an attempt meets. */
export function attemptFate(random: Random): AttemptFate {
  const names: SectionName[] = ["provider"];
  if (random.chance(0.1)) names.push("image_build");
  if (random.chance(0.1)) names.push("services");
  return {
    setUp: names.map((name) => sectionFate(random, name, 0.05)),
    heedsStop: random.chance(0.7),
    prepareRejects: random.chance(0.003),
    closeTakesMs: randomDelay(random),
    ...(random.chance(0.05) && {
      closeError: { code: errorCode("close_failed"), message: "The container is stuck" },
    }),
    closeRejects: random.chance(0.003),
    leavesProcesses: random.chance(0.1),
  };
}

/** Draws what happens in a section. */
export function sectionFate(random: Random, section: SectionName, failing: number): SectionFate {
  const failed = random.chance(failing);
  return {
    section,
    chunks: Array.from({ length: random.chance(0.2) ? random.between(1, 3) : 0 }, () => randomChunk(random)),
    takesMs: randomDelay(random),
    outcome: failed
      ? {
          status: "failed",
          error: { code: errorCode("set_up_failed"), message: `The ${section} is not there` },
        }
      : { status: "success" },
    throws: random.chance(0.002),
  };
}
