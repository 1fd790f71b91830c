import { openRun } from "@loom/artifacts";
import { jobId, planRun, type GraphNode } from "@loom/core";
import { remainingPaths } from "@loom/scheduler";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { playOnDisk, type DiskPlay } from "../../test/play-on-disk.ts";
import { explainJob } from "./explain-job.ts";
import { planReport } from "./plan-report.ts";
import { readTimeline } from "./read-timeline.ts";
import { simulateSchedule } from "./simulate-schedule.ts";
import { timeReport } from "./time-report.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

const GRAPH = graphOf([
  { id: "install", stage: "prepare" },
  { id: "lint", stage: "check" },
  { id: "unit", stage: "check" },
  { id: "types", stage: "check" },
  { id: "pack", stage: "check", needs: ["types"] },
  { id: "notify", stage: "end", when: "on_failure" },
  { id: "deploy", stage: "end" },
]);

const MS: Readonly<Record<string, number>> = {
  install: 1000,
  lint: 300,
  unit: 4000,
  types: 500,
  pack: 2000,
  deploy: 100,
};

function timelineOf(play: Partial<DiskPlay> = {}): Timeline {
  const builder = createTimeline();
  const { records } = playOnDisk(temporaryDirectory(), {
    graph: GRAPH,
    step: (job) => ({ ms: MS[job] ?? 10 }),
    ...play,
  });
  for (const { stream, record } of records)
    if (stream.kind === "run" || stream.kind === "pipeline") builder.take(stream, record);
  return builder.timeline();
}

describe("timeReport()", () => {
  test("timeReport() finds the critical path, the waits and what more slots would have won", () => {
    const report = timeReport(timelineOf());
    expect(report).toMatchInlineSnapshot(`
      {
        "busiestSlots": 2,
        "criticalPath": [
          {
            "durationMs": 1002,
            "jobId": "install",
            "startedMs": 0,
          },
          {
            "after": "stage",
            "durationMs": 302,
            "jobId": "lint",
            "startedMs": 1002,
          },
          {
            "after": "slot",
            "durationMs": 4002,
            "jobId": "unit",
            "startedMs": 1304,
          },
          {
            "after": "stage",
            "durationMs": 102,
            "jobId": "deploy",
            "startedMs": 5306,
          },
        ],
        "durationMs": 5408,
        "forecasts": [
          {
            "durationMs": 5106,
            "savedMs": 302,
            "slots": 2,
          },
          {
            "durationMs": 5106,
            "savedMs": 302,
            "slots": 4,
          },
          {
            "durationMs": 5106,
            "savedMs": 302,
          },
        ],
        "gateWaits": [
          {
            "jobId": "unit",
            "kind": "stage",
            "waitedMs": 5306,
            "waiting": "deploy",
          },
          {
            "jobId": "types",
            "kind": "need",
            "waitedMs": 1504,
            "waiting": "pack",
          },
          {
            "jobId": "install",
            "kind": "stage",
            "waitedMs": 1002,
            "waiting": "lint",
          },
          {
            "jobId": "install",
            "kind": "stage",
            "waitedMs": 1002,
            "waiting": "unit",
          },
          {
            "jobId": "install",
            "kind": "stage",
            "waitedMs": 1002,
            "waiting": "types",
          },
        ],
        "jobsRun": 6,
        "slotWaits": [
          {
            "jobId": "lint",
            "kind": "slot",
            "waitedMs": 302,
            "waiting": "unit",
          },
        ],
        "slots": 2,
        "utilisation": 0.731508875739645,
        "workMs": 7912,
      }
    `);
  });

  test("timeReport() says the same of the records as they come and of the run on disk", async () => {
    const { directory, records } = playOnDisk(temporaryDirectory(), { graph: GRAPH });
    const builder = createTimeline();
    for (const { stream, record } of records) builder.take(stream, record);
    const run = await openRun(directory);
    const read = run.ok ? await readTimeline(run.value) : run;
    expect(read).toStrictEqual({ ok: true, value: builder.timeline() });
  });

  test("timeReport() reports a run that goes on and one that never began", () => {
    const going = timeReport(timelineOf({ dieAtMs: 1500 }));
    const nothing = timeReport(createTimeline().timeline());
    expect([
      going.jobsRun,
      going.criticalPath.map((job) => job.jobId),
      nothing.jobsRun,
      nothing.criticalPath,
    ]).toStrictEqual([4, ["install", "lint"], 0, []]);
  });

  test("timeReport() finds a critical path without gaps, and no limit of slots never takes longer", () => {
    fc.assert(
      fc.property(anyGraph(), fc.integer({ min: 1, max: 4 }), ({ graph, ms }, concurrency) => {
        const timeline = timelineOf({ graph, concurrency, step: (job) => ({ ms: ms[job] ?? 0 }) });
        const { durationMs, criticalPath, forecasts, busiestSlots } = timeReport(timeline);
        expect(busiestSlots).toBeLessThanOrEqual(concurrency);
        // Each job of the path begins when the one before it ends.
        let endMs = 0;
        for (const job of criticalPath) {
          expect(job.startedMs).toBe(endMs);
          endMs = job.startedMs + job.durationMs;
        }
        expect(endMs).toBe(durationMs);
        for (const forecast of forecasts) {
          if (forecast.slots === undefined) expect(forecast.durationMs).toBeLessThanOrEqual(durationMs);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("simulateSchedule()", () => {
  test("simulateSchedule() without a limit of slots takes as long as the longest path", () => {
    fc.assert(
      fc.property(anyGraph(), ({ graph, ms }) => {
        const weights = new Map(Object.entries(ms).map(([name, value]) => [jobId(name), value]));
        const plan = planRun(graph, { concurrency: 1, weights });
        const durationMs = (id: string): number => ms[id] ?? 1;
        const longest = Math.max(0, ...remainingPaths(plan).values());
        expect(simulateSchedule(plan, { durationMs }, Infinity).durationMs).toBe(longest);
        const alone = graph.nodes.reduce((sum, node) => sum + durationMs(node.id), 0);
        expect(simulateSchedule(plan, { durationMs }, 1).durationMs).toBe(alone);
      }),
    );
  });
});

describe("explainJob()", () => {
  test.each([
    [
      "unit",
      {},
      '"unit" started after 1.3 s, having waited 1.0 s for "install" of an earlier stage, then 302 ms for a free slot, which "lint" gave, and',
    ],
    ["install", {}, '"install" started after 0 ms, and succeeded after 1.0 s'],
    [
      "pack",
      {},
      '"pack" started after 1.5 s, having waited 1.5 s for "types", which it needs, and succeeded after 2.0 s',
    ],
    ["notify", {}, '"notify" was skipped: it runs on failure, and nothing before it failed'],
    [
      "deploy",
      { prepare: (job: string) => (job === "lint" ? { code: "no", message: "No" } : undefined) },
      '"deploy" was skipped: "lint" failed before its stage',
    ],
    ["pack", { dieAtMs: 1200 }, '"pack" waits for "types"'],
    ["unit", { dieAtMs: 1200 }, '"unit" is ready and waits for a free slot'],
    [
      "deploy",
      { dieAtMs: 1200 },
      '"deploy" waits for "lint", "unit", "types" and 1 more of an earlier stage',
    ],
    [
      "lint",
      { dieAtMs: 1200 },
      '"lint" started after 1.0 s, having waited 1.0 s for "install" of an earlier stage, and is running',
    ],
    [
      "install",
      { stop: { atMs: 100, cause: { kind: "signal", signal: "SIGINT" } } },
      '"install" started after 0 ms, and was stopped with the run',
    ],
    [
      "unit",
      { stop: { atMs: 100, cause: { kind: "signal", signal: "SIGINT" } } },
      '"unit" never started: the run was stopped before',
    ],
    ["unit", { bootstrapError: { code: "no", message: "No" } }, undefined],
  ] as const)("explainJob() says of %s, with %j, why it is where it is", (job, play, sentence) => {
    const explained = explainJob(timelineOf(play as Partial<DiskPlay>), job)?.sentence;
    if (sentence === undefined) expect(explained).toBeUndefined();
    else expect(explained).toContain(sentence);
  });
});

describe("planReport()", () => {
  test("planReport() gives the order, the path and the time that the last durations promise", () => {
    const durations = new Map(Object.entries(MS).map(([name, ms]) => [jobId(name), ms]));
    const { stages, ...report } = planReport(
      planRun(GRAPH, { concurrency: 2, weights: durations }),
      durations,
    );
    expect(report).toStrictEqual({
      order: ["install", "unit", "types", "pack", "lint", "deploy"],
      criticalPath: ["install", "unit", "deploy"],
      slots: 2,
      busiestSlots: 2,
      estimate: { durationMs: 5100, unlimitedMs: 5100, guessed: 0 },
    });
    expect(stages.at(-1)?.jobs).toStrictEqual([
      {
        jobId: "notify",
        needs: [],
        when: "on_failure",
        allowFailure: false,
        runs: false,
        skipReason: "condition_not_met",
      },
      {
        jobId: "deploy",
        needs: [],
        when: "on_success",
        allowFailure: false,
        runs: true,
        startMs: 5000,
        endMs: 5100,
        expectedMs: 100,
      },
    ]);
  });

  test("planReport() says what is left out, and starts jobs in the order of the weights that the plan has", () => {
    const only = [jobId("lint"), jobId("unit"), jobId("types")];
    const weights = new Map([[jobId("types"), 9]]);
    const { stages, order, busiestSlots } = planReport(
      planRun(GRAPH, { concurrency: 1, only, weights }),
      new Map(),
    );
    const left = stages.flatMap(({ jobs }) => jobs).filter(({ skipReason }) => skipReason === "not_selected");
    expect(left.map(({ jobId }) => jobId)).toStrictEqual(["install", "pack", "notify", "deploy"]);
    expect([order, busiestSlots]).toStrictEqual([["types", "lint", "unit"], 1]);
  });

  test("planReport() estimates nothing without a history, and guesses the jobs that are new in one", () => {
    const plan = planRun(GRAPH, { concurrency: 1 });
    const some = planReport(
      plan,
      new Map([
        [jobId("lint"), 100],
        [jobId("unit"), 300],
      ]),
    );
    expect([planReport(plan, new Map()).estimate, some.estimate]).toStrictEqual([
      undefined,
      { durationMs: 1200, unlimitedMs: 800, guessed: 4 },
    ]);
  });
});

/** A graph of up to twelve jobs in up to three stages, with a duration for each. */
function anyGraph(): fc.Arbitrary<{ graph: ReturnType<typeof graphOf>; ms: Record<string, number> }> {
  const job = fc.record({
    stage: fc.nat({ max: 2 }),
    ms: fc.integer({ min: 1, max: 500 }),
    needs: fc.array(fc.nat({ max: 11 }), { maxLength: 3 }),
  });
  return fc.array(job, { minLength: 1, maxLength: 12 }).map((jobs) => {
    const sorted = jobs.toSorted((a, b) => a.stage - b.stage);
    const nodes = sorted.map(({ stage, needs }, index): Pick<GraphNode, "id" | "stage" | "needs"> => ({
      id: `j${index}`,
      stage: `s${stage}`,
      needs: [...new Set(needs.filter((need) => need < index).map((need) => `j${need}`))],
    }));
    return {
      graph: graphOf(nodes),
      ms: Object.fromEntries(sorted.map(({ ms }, index) => [`j${index}`, ms])),
    };
  });
}
