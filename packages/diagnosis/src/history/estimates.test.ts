import type { JobId } from "@loom/core";
import { jobId, runIdentity } from "@loom/core";
import { describe, expect, test } from "vitest";
import { graphOf } from "@loom/testkit";
import type { JobTimes, Timeline } from "../time/timeline.ts";
import { estimatesFrom, expectedMs, NO_ESTIMATES, timeLeftMs } from "./estimates.ts";
import type { PastRun } from "./read-past-runs.ts";

function past(durations: Record<string, number>, facts: Partial<PastRun> = {}): PastRun {
  return {
    runId: runIdentity(1n).runId,
    startedAtMs: 0,
    status: "success",
    workflow: ".loom/workflow.yml",
    jobs: 2,
    failedJobs: [],
    jobDurations: new Map(Object.entries(durations)),
    ...facts,
  };
}

const THREE = [
  past({ a: 10_000, b: 4000, c: 2000 }),
  past({ a: 12_000, b: 4000, c: 2000 }),
  past({ a: 11_000, b: 4000, c: 2000 }),
];
const USUAL = estimatesFrom(THREE, ".loom/workflow.yml");

const GRAPH = graphOf([
  { id: "a", stage: "one" },
  { id: "b", stage: "one" },
  { id: "c", stage: "two", needs: ["a"] },
]);

/** A run of three jobs, of which `c` needs `a` and follows the stage of both. */
function timeline(
  durationMs: number,
  concurrency: number,
  states: Readonly<Record<string, Partial<JobTimes>>> = {},
): Timeline {
  const jobs = GRAPH.nodes.map((node): JobTimes => {
    const state = states[node.id] ?? {};
    return {
      jobId: jobId(node.id),
      stage: node.stage,
      needs: (node.needs ?? []).map(jobId),
      when: "on_success",
      allowFailure: false,
      status: "pending",
      blockedBy: [] as JobId[],
      ...state,
    };
  });
  return { stages: GRAPH.stages, jobs, concurrency, failFast: false, durationMs };
}

describe("timeLeftMs()", () => {
  test("plays what is to come through the schedule, with as many slots as there are", () => {
    expect([1, 2].map((slots) => timeLeftMs(timeline(0, slots), USUAL))).toEqual([17_000, 13_000]);
  });

  test("counts what runs from its start, and leaves out what cannot run any more", () => {
    const running = { a: { status: "running", startedMs: 0 } } as const;
    expect(timeLeftMs(timeline(5000, 2, running), USUAL)).toBe(8000);
    const failed = { ...running, a: { status: "failed", startedMs: 0, endedMs: 4000 } } as const;
    expect(timeLeftMs(timeline(5000, 2, failed), USUAL)).toBe(4000);
  });

  test("gives a job that runs its slot first, however long others take", () => {
    const running = { b: { status: "running", startedMs: 0 } } as const;
    // One slot: b still has 3 s, then a takes 11, then c 2.
    expect(timeLeftMs(timeline(1000, 1, running), USUAL)).toBe(16_000);
  });

  test("goes over to the slowest that was seen, then promises nothing", () => {
    const at = (ms: number): number | undefined =>
      timeLeftMs(timeline(ms, 2, { a: { status: "running", startedMs: 0 } }), USUAL);
    // c follows b, which takes its 4 s.
    expect([at(11_500), at(12_000), at(12_001)]).toEqual([6000, 6000, undefined]);
  });

  test("promises nothing with fewer than three successes, or those of other workflows", () => {
    for (const runs of [THREE.slice(1), THREE.map((run) => ({ ...run, workflow: "other.yml" })), []])
      expect(timeLeftMs(timeline(0, 2), estimatesFrom(runs, ".loom/workflow.yml"))).toBeUndefined();
    expect(timeLeftMs(timeline(0, 2), NO_ESTIMATES)).toBeUndefined();
  });

  test("needs to know only the jobs that will run", () => {
    const known = estimatesFrom(
      THREE.map(({ jobDurations, ...run }) => ({
        ...run,
        jobDurations: new Map([...jobDurations].filter(([job]) => job === "b")),
      })),
      ".loom/workflow.yml",
    );
    const failed = { a: { status: "failed", startedMs: 0, endedMs: 4000 } } as const;
    expect(timeLeftMs(timeline(5000, 2, failed), known)).toBe(4000);
    expect(timeLeftMs(timeline(5000, 2), known)).toBeUndefined();
  });
});

test("estimatesFrom() takes the median of the last twenty, and counts the runs that succeeded", () => {
  const runs = Array.from({ length: 30 }, (_, index) =>
    past({ a: index < 20 ? 1000 + index : 9_000_000 }, { status: index % 2 === 0 ? "success" : "failure" }),
  );
  const estimates = estimatesFrom(runs, ".loom/workflow.yml");
  expect(estimates).toEqual({ runs: 15, jobs: new Map([["a", { medianMs: 1010, mostMs: 1018 }]]) });
  expect([expectedMs(estimates, jobId("a")), expectedMs(estimates, jobId("b"))]).toEqual([1010, undefined]);
});
