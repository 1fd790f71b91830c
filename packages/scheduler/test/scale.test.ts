import type { JobId, JobResult, RunPlan } from "@loom/core";
import { expect, test } from "vitest";
import { createSchedule } from "../src/index.ts";
import { driveRun, type Move } from "./drive-run.ts";
import { planOf, type JobSketch } from "./plan-of.ts";
import { FAILED } from "./results.ts";

const MANY_JOBS = 100_000;
/** Enough for more layers than stages, and for a cost that grows with jobs times failures to show. */
const JOBS = 20_000;
const STAGES = 10;
const LAYER = 1_000;
const NEEDS = 3;

test("createSchedule() carries 100,000 jobs with 300,000 needs to their end", () => {
  const plan = layeredPlan(MANY_JOBS);
  const moves = play(plan, new Map());
  expect(settledWith(moves, "success")).toBe(MANY_JOBS);
});

test("settle() shares one blockedBy among all that one failure blocks", () => {
  const plan = layeredPlan(JOBS);
  const [first] = plan.jobs;
  const moves = play(plan, new Map(first === undefined ? [] : [[first.jobId, FAILED]]));
  const arrays = new Set<readonly JobId[]>();
  for (const move of moves) {
    if (move.move === "settle" && move.result.status === "skipped") arrays.add(move.result.blockedBy);
  }
  expect([...arrays]).toEqual([["job-0"]]);
  expect(settledWith(moves, "skipped")).toBeGreaterThan(JOBS / 2);
});

test("settle() names 1,000 failures in front of 19,000 jobs that each mix them anew", () => {
  const plan = layeredPlan(JOBS);
  const failing = new Map(plan.jobs.slice(0, LAYER).map((job): [JobId, JobResult] => [job.jobId, FAILED]));
  const moves = play(plan, failing);
  const [last] = moves.filter((move) => move.move === "settle" && move.result.status === "skipped").slice(-1);
  expect(settledWith(moves, "skipped")).toBe(JOBS - LAYER);
  expect(last).toMatchObject({ result: { blockedBy: plan.jobs.slice(0, LAYER).map((job) => job.jobId) } });
});

/** Layers of jobs that each need three of the layer before, spread so that soon all depends on all. */
function layeredPlan(count: number): RunPlan {
  const jobs: Record<string, JobSketch> = {};
  for (let job = 0; job < count; job += 1) {
    const above = job - (job % LAYER) - LAYER;
    const needs = Array.from(
      { length: NEEDS },
      (_, need) => `job-${above + ((job * 7 + need * 331) % LAYER)}`,
    );
    jobs[`job-${job}`] = {
      stage: `stage-${Math.floor((job / count) * STAGES)}`,
      needs: above < 0 ? [] : needs,
    };
  }
  return planOf(jobs);
}

function play(plan: RunPlan, results: ReadonlyMap<JobId, JobResult>): readonly Move[] {
  const jobIds = plan.jobs.map((job) => job.jobId);
  return driveRun(createSchedule(plan), jobIds, { concurrency: 4, results });
}

function settledWith(moves: readonly Move[], status: JobResult["status"]): number {
  return moves.filter((move) => move.move === "settle" && move.result.status === status).length;
}
