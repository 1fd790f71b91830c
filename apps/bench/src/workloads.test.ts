import { compileWorkflow } from "@loom/workflow";
import { expect, test } from "vitest";
import {
  chainOfJobs,
  failingJobs,
  independentJobs,
  layeredJobs,
  printingJobs,
  skewedJobs,
} from "./workloads.ts";

test.each([
  ["independentJobs", independentJobs(20), 20, 0],
  ["layeredJobs", layeredJobs(10, 100), 1000, 2700],
  ["chainOfJobs", chainOfJobs(300), 300, 299],
  ["skewedJobs", skewedJobs(), 4, 2],
  ["printingJobs", printingJobs(8, 1000), 8, 0],
  ["failingJobs", failingJobs(200, 10), 200, 0],
])("%s() makes a workflow with the jobs and needs that it is about", (_name, { workflow }, jobs, needs) => {
  const compiled = compileWorkflow({ path: "w.yml", text: workflow });
  expect(compiled.ok && [compiled.value.graph.nodes.length, compiled.value.graph.edges.length]).toEqual([
    jobs,
    needs,
  ]);
});

test("a workload and its floor run as many commands", () => {
  expect(layeredJobs(10, 100).layers.flat()).toHaveLength(1000);
  expect(chainOfJobs(300).layers).toHaveLength(300);
});
