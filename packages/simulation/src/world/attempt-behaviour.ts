import { errorCode, type EventError, type PhaseOutcome, type SectionName } from "@loom/core";
import type { Random } from "../random.ts";
import { randomChunk, randomDelay, WORKER_LOST, type TimedChunk } from "./process-behaviour.ts";

/** What happens in one section of a job. */
export interface SectionBehaviour {
  readonly section: SectionName;
  readonly chunks: readonly TimedChunk[];
  readonly takesMs: number;
  readonly outcome: PhaseOutcome;
  /** A bug: the section's work throws. */
  readonly throws: boolean;
}

/** What happens in one attempt at a job outside its steps. */
export interface AttemptBehaviour {
  /** The set-up sections; the first failure ends them. */
  readonly setUp: readonly SectionBehaviour[];
  /** Whether set-up ends early when the job is asked to stop. */
  readonly obeysStop: boolean;
  /** A provider bug. */
  readonly prepareRejects: boolean;
  readonly closeTakesMs: number;
  readonly closeError?: EventError;
  /** A provider bug. */
  readonly closeRejects: boolean;
  /** Whether the job left something running, which closing ends and reports. */
  readonly leavesProcesses: boolean;
}

/**
 * Draws what happens in an attempt.
 *
 * @param losing - How likely each section loses its worker.
 */
export function attemptBehaviour(random: Random, losing: number): AttemptBehaviour {
  const names: SectionName[] = ["provider"];
  if (random.chance(0.1)) names.push("image_build");
  if (random.chance(0.1)) names.push("services");
  return {
    setUp: names.map((name) => sectionBehaviour(random, name, { failing: 0.05, losing })),
    obeysStop: random.chance(0.7),
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
export function sectionBehaviour(
  random: Random,
  section: SectionName,
  likely: { readonly failing: number; readonly losing: number },
): SectionBehaviour {
  const failed = random.chance(likely.failing);
  const lost = random.fork(`worker of ${section}`).chance(likely.losing);
  return {
    section,
    chunks: Array.from({ length: random.chance(0.2) ? random.between(1, 3) : 0 }, () => randomChunk(random)),
    takesMs: randomDelay(random),
    outcome: lost
      ? { status: "failed", error: WORKER_LOST }
      : failed
        ? {
            status: "failed",
            error: { code: errorCode("set_up_failed"), message: `The ${section} is not there` },
          }
        : { status: "success" },
    throws: random.chance(0.002),
  };
}
