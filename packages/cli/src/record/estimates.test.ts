import { describe, expect, test } from "vitest";
import { ViewModel } from "@loom/reporters/view";
import { graphOfNodes, graphNode, ScriptedRun } from "@loom/testkit";
import { graphLinks } from "../state/graph-links.ts";
import { filterRuns } from "../state/filter-runs.ts";
import { criticalPath } from "../state/critical-path.ts";
import { estimatesFrom, timeLeftMs, timeLeftText } from "./estimates.ts";
import type { PastRun } from "./past-run.ts";

function past(durations: Record<string, number>, more: Partial<PastRun> = {}): PastRun {
  return {
    runId: "loom-run-local-1",
    startedAtMs: 0,
    status: "success",
    workflow: ".loom/workflow.yml",
    jobs: 2,
    failedJobs: [],
    jobDurations: new Map(Object.entries(durations)),
    ...more,
  };
}

const GRAPH = graphOfNodes([
  graphNode("a", "one"),
  graphNode("b", "one"),
  graphNode("c", "two", { needs: ["a"] }),
]);
const THREE = [
  past({ a: 10_000, b: 4000, c: 2000 }),
  past({ a: 12_000, b: 4000, c: 2000 }),
  past({ a: 11_000, b: 4000, c: 2000 }),
];

describe("timeLeftMs()", () => {
  test("puts what is to come on the free workers, stage after stage", () => {
    const model = new ViewModel();
    const run = new ScriptedRun(model);
    run.begins(GRAPH);
    const estimates = estimatesFrom(THREE, ".loom/workflow.yml");
    const left = (workers: number): number | undefined =>
      timeLeftMs({ view: model.view(), links: graphLinks(GRAPH), estimates, workers, nowMs: run.nowMs });
    expect([left(1), left(2)]).toEqual([17_000, 13_000]);
    run.starts("a");
    run.wait(5000);
    expect(left(2)).toBe(8000);
    run.wait(20_000);
    expect(left(2)).toBeUndefined();
  });

  test("promises nothing with fewer than three successes, or other workflows", () => {
    const view = new ViewModel();
    new ScriptedRun(view).begins(GRAPH);
    for (const runs of [THREE.slice(1), THREE.map((run) => ({ ...run, workflow: "other.yml" }))]) {
      const estimates = estimatesFrom(runs, ".loom/workflow.yml");
      expect(
        timeLeftMs({ view: view.view(), links: graphLinks(GRAPH), estimates, workers: 2, nowMs: 0 }),
      ).toBeUndefined();
    }
  });
});

test.each([
  [undefined, ""],
  [900, "finishing"],
  [7200, "~8s left"],
  [31_000, "~35s left"],
  [61_000, "~1m10s left"],
  [120_000, "~2m left"],
  [700_000, "~12m left"],
])("timeLeftText() of %s ms is %s", (ms, text) => {
  expect(timeLeftText(ms)).toBe(text);
});

test("criticalPath() is the longest way through the needs", () => {
  const links = graphLinks(
    graphOfNodes([
      graphNode("a", "s"),
      graphNode("b", "s"),
      graphNode("c", "s", { needs: ["a", "b"] }),
      graphNode("d", "t", { needs: ["c"] }),
    ]),
  );
  expect(criticalPath(links, (id) => (id === "b" ? 5 : 1))).toEqual(["b", "c", "d"]);
});

test("graphLinks() puts a job right of what it needs, in whatever order they are declared", () => {
  const links = graphLinks(
    graphOfNodes([
      graphNode("late", "s", { needs: ["early"] }),
      graphNode("early", "s"),
      graphNode("next", "t"),
    ]),
  );
  expect(links.columns).toEqual([["early"], ["late"], ["next"]]);
  expect(links.stages).toEqual(["s", "", "t"]);
});

test("filterRuns() takes words and keys together", () => {
  const runs = [
    past({}, { runId: "1", status: "failure", failedJobs: ["lint"] }),
    past({}, { runId: "2" }),
    past({}, { runId: "3", workflow: "nightly.yml", status: "failure", failedJobs: ["unit"] }),
  ];
  const ids = (filter: string): string[] => filterRuns(runs, filter).map((run) => run.runId);
  expect([
    ids("status:failure"),
    ids("status:fail job:lint"),
    ids("nightly"),
    ids("workflow:.loom"),
    ids(""),
  ]).toEqual([["1", "3"], ["1"], ["3"], ["1", "2"], ["1", "2", "3"]]);
});
