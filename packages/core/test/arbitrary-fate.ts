import { errorCode } from "../src/error-code.ts";
import fc from "fast-check";
import type { AllowFailure, JobPlan, RetryCause, RunPlan, StopCause, When } from "../src/index.ts";
import { nameOf, type Fate } from "./simulate-run.ts";

const WHENS: readonly When[] = ["on_success", "on_success", "on_success", "on_failure", "always"];

const jobSeed: fc.Arbitrary<{
  stage: number;
  needs: number[];
  when: When;
  allowFailure: boolean;
  stepCount: number;
  retries: number;
  causes: RetryCause[];
  optional: boolean[];
}> = fc.record({
  stage: fc.nat(3),
  needs: fc.array(fc.nat(30), { maxLength: 3 }),
  when: fc.constantFrom(...WHENS),
  allowFailure: fc.boolean(),
  stepCount: fc.integer({ min: 1, max: 3 }),
  retries: fc.nat(2),
  causes: fc.subarray<RetryCause>(["failure", "timeout", "provider", "worker"]),
  optional: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
});

/** Random acyclic plans: a job needs only jobs declared before it, of the same or an earlier stage. */
export const arbitraryPlan: fc.Arbitrary<RunPlan> = fc
  .record({
    seeds: fc.array(jobSeed, { maxLength: 12 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    pauses: fc.boolean(),
  })
  .map(({ seeds, concurrency, pauses }) => {
    const jobs = seeds.map((seed, index): JobPlan => {
      const possible = seeds
        .map((_, other) => other)
        .filter((other) => other < index && (seeds[other]?.stage ?? 9) <= seed.stage);
      const needs = new Set(seed.needs.flatMap((pick) => possible[pick % possible.length] ?? []));
      const [restoresCache = false, restoresArtifacts = false, savesArtifacts, savesCache] = seed.optional;
      return {
        jobId: nameOf(index),
        stage: `s${seed.stage}`,
        needs: [...needs].sort((a, b) => a - b).map(nameOf),
        when: seed.when,
        allowFailure: seed.allowFailure,
        stepCount: seed.stepCount,
        retry: { max: seed.retries, on: seed.causes },
        timeoutMs: 1000,
        stepTimeoutsMs: new Map([[2, 500]]),
        toleratedSteps: new Map<number, AllowFailure>([
          [1, { exit_codes: [3] }],
          [2, true],
        ]),
        withheldSteps: new Set(index % 3 === 0 ? [1] : []),
        restoresCache,
        restoresArtifacts,
        ...(savesArtifacts === true && { savesArtifacts: "always" as const }),
        ...(savesCache === true && { savesCache: "on_success" as const }),
      };
    });
    return {
      stages: ["s0", "s1", "s2", "s3"],
      jobs,
      concurrency,
      failFast: false,
      ...(pauses && { pauseTimeoutMs: 1000 }),
    };
  });

const stopCause: fc.Arbitrary<StopCause> = fc.constantFrom<StopCause>(
  { kind: "signal", signal: "SIGINT" },
  { kind: "signal", signal: "SIGTERM" },
  { kind: "fault", error: { code: errorCode("evidence_unwritable"), message: "The disk is full" } },
);

/** Random plans with random results and, in half of them, a random moment of stopping. */
export const arbitraryFate: fc.Arbitrary<Fate> = fc
  .record({
    plan: arbitraryPlan,
    choices: fc.array(fc.nat(1000), { minLength: 20, maxLength: 60 }),
    bootstrapFails: fc.nat(9).map((n) => n === 0),
    stopAfter: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    stopCause,
  })
  .map(({ stopAfter, ...fate }) => ({ ...fate, ...(stopAfter !== undefined && { stopAfter }) }));
