import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import type { ReportedJob } from "../report-data.ts";
import { layoutGraph } from "./graph-layout.ts";

function job(id: string, stage: string, needs: readonly string[] = []): ReportedJob {
  return {
    job_id: jobId(id),
    stage,
    needs: needs.map((need) => jobId(need)),
    status: "success",
    blocked_by: [],
    sentence: "",
    attempts: [],
    steps: [],
  };
}

test("layoutGraph() gives each stage a column, and another one to jobs that need one of their own stage", () => {
  const layout = layoutGraph(
    [job("a", "build"), job("b", "build", ["a"]), job("c", "test", ["a"]), job("d", "test", ["b"])],
    ["build", "empty", "test"],
  );
  expect(layout.jobs.map(({ job: { job_id: id }, column, y }) => [id, column, y])).toStrictEqual([
    ["a", 0, 32],
    ["b", 1, 32],
    ["c", 2, 32],
    ["d", 2, 68],
  ]);
  expect(layout.edges.map(({ from, to }) => `${from.job.job_id} ${to.job.job_id}`)).toStrictEqual([
    "a b",
    "a c",
    "b d",
  ]);
  expect(layout.stages.map(({ name }) => name)).toStrictEqual(["build", "test"]);
});

test("layoutGraph() places jobs near those that they need, and ends for needs in a circle", () => {
  const layout = layoutGraph(
    [
      job("a", "one"),
      job("b", "one"),
      job("x", "two", ["b"]),
      job("y", "two", ["a"]),
      job("z", "two", ["z"]),
    ],
    ["one", "two"],
  );
  expect(layout.jobs.map(({ job: { job_id: id } }) => id)).toStrictEqual(["a", "b", "y", "x", "z"]);
});
