import { runIdentity } from "@loom/core";
import type { PastRun } from "@loom/diagnosis";
import { expect, test } from "vitest";
import { filterRuns } from "./filter-runs.ts";

function past(ns: bigint, facts: Partial<PastRun> = {}): PastRun {
  return {
    runId: runIdentity(ns).runId,
    startedAtMs: 0,
    status: "success",
    workflow: ".loom/workflow.yml",
    jobs: 2,
    failedJobs: [],
    jobDurations: new Map(),
    ...facts,
  };
}

test("filterRuns() combines plain words and fields", () => {
  const runs = [
    past(1n, { status: "failure", failedJobs: ["lint"] }),
    past(2n),
    past(3n, { workflow: "nightly.yml", status: "failure", failedJobs: ["unit"] }),
  ];
  const ids = (filter: string): string[] => filterRuns(runs, filter).map(({ runId }) => runId.slice(-1));
  expect([
    ids("status:failure"),
    ids("status:fail job:lint"),
    ids("nightly"),
    ids("workflow:.loom"),
    ids(""),
  ]).toEqual([["1", "3"], ["1"], ["3"], ["1", "2"], ["1", "2", "3"]]);
});
