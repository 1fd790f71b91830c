import { createNaiveSchedule, naiveRemainingPaths } from "@loom/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobId, RunPlan } from "@loom/core";
import { createSchedule, remainingPaths } from "../src/index.ts";
import { arbitraryRun } from "./arbitrary-run.ts";
import { driveRun, type Move } from "./drive-run.ts";

const RUNS = { numRuns: 5_000 };

describe("over random graphs, results, selections, orders and cancels", () => {
  test("createSchedule() decides, blames and orders like a model that rescans everything", () => {
    fc.assert(
      fc.property(arbitraryRun, ({ plan, world }) => {
        const jobIds = idsOf(plan);
        const expected = driveRun(createNaiveSchedule(plan), jobIds, world);
        expect(driveRun(createSchedule(plan), jobIds, world)).toEqual(expected);
      }),
      RUNS,
    );
  });

  test("remainingPaths() agrees with following every edge", () => {
    fc.assert(
      fc.property(arbitraryRun, ({ plan }) => {
        expect(remainingPaths(plan)).toEqual(naiveRemainingPaths(plan));
      }),
      RUNS,
    );
  });

  test("createSchedule() gives the same answers to the same calls", () => {
    fc.assert(
      fc.property(arbitraryRun, ({ plan, world }) => {
        const jobIds = idsOf(plan);
        expect(driveRun(createSchedule(plan), jobIds, world)).toEqual(
          driveRun(createSchedule(plan), jobIds, world),
        );
      }),
      RUNS,
    );
  });

  test("createSchedule() leaves no job unsettled, and settles each once", () => {
    fc.assert(
      fc.property(arbitraryRun, ({ plan, world }) => {
        const jobIds = idsOf(plan);
        const settled = settledIn(driveRun(createSchedule(plan), jobIds, world));
        expect([...settled].sort()).toEqual([...jobIds].sort());
      }),
      RUNS,
    );
  });

  test("take() hands out no job before its needs and all earlier stages have settled", () => {
    fc.assert(
      fc.property(arbitraryRun, ({ plan, world }) => {
        const moves = driveRun(createSchedule(plan), idsOf(plan), world);
        const begun = createSchedule(plan);
        const waiting = new Set(idsOf(plan).filter((id) => begun.waits(id)));
        for (const [turn, move] of moves.entries()) {
          if (move.move !== "take" || move.answer === undefined) continue;
          const settled = new Set(settledIn(moves.slice(0, turn)));
          expect(gatesOf(plan, move.answer, waiting).filter((gate) => !settled.has(gate))).toEqual([]);
        }
      }),
      RUNS,
    );
  });
});

function idsOf(plan: RunPlan): JobId[] {
  return plan.jobs.map((job) => job.jobId);
}

function settledIn(moves: readonly Move[]): JobId[] {
  return moves.flatMap((move) => (move.move === "settle" ? [move.jobId] : []));
}

/** @param waiting - Jobs that wait for somebody to ask for them; they keep no stage closed. */
function gatesOf(plan: RunPlan, id: JobId, waiting: ReadonlySet<JobId>): JobId[] {
  const stageOf = (stage: string): number => plan.stages.indexOf(stage);
  return plan.jobs
    .filter((job) => job.jobId === id)
    .flatMap((job) => [
      ...job.needs,
      ...plan.jobs
        .filter(
          (other) =>
            job.gate !== "needs" && stageOf(other.stage) < stageOf(job.stage) && !waiting.has(other.jobId),
        )
        .map((other) => other.jobId),
    ]);
}
