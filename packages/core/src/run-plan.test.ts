import { describe, expect, test } from "vitest";
import { GRAPH_IR_SCHEMA, type GraphIr } from "./graph-ir.ts";
import { jobId } from "./ids.ts";
import { planRun } from "./run-plan.ts";

const GRAPH: GraphIr = {
  schema: GRAPH_IR_SCHEMA,
  stages: ["build", "test"],
  nodes: [
    { id: "compile", stage: "build", target: "linux", script: ["make"] },
    { id: "bundle", stage: "build", target: "linux", script: ["make bundle"], needs: ["compile"] },
    {
      id: "unit",
      stage: "test",
      target: "linux",
      script: ["make test", "make report"],
      needs: ["bundle"],
      when: "always",
      allow_failure: true,
      retry: { max: 2, on: ["timeout"] },
      timeout_ms: 1500,
    },
  ],
  edges: [],
};

describe("planRun()", () => {
  test("fills in the defaults of a job that says nothing", () => {
    expect(planRun(GRAPH, { concurrency: 3 }).jobs[0]).toEqual({
      jobId: "compile",
      stage: "build",
      needs: [],
      when: "on_success",
      allowFailure: false,
      stepCount: 1,
      retry: { max: 0, on: [] },
      restoresCache: false,
      restoresArtifacts: false,
    });
  });

  test("takes over what a job says", () => {
    expect(planRun(GRAPH, { concurrency: 3 }).jobs[2]).toMatchObject({
      needs: ["bundle"],
      when: "always",
      allowFailure: true,
      stepCount: 2,
      retry: { max: 2, on: ["timeout"] },
      timeoutMs: 1500,
    });
  });

  test("holds no selection, weights or failFast unless asked for", () => {
    const { jobs: _, ...rest } = planRun(GRAPH, { concurrency: 3, only: [] });
    expect(rest).toEqual({ stages: ["build", "test"], concurrency: 3, failFast: false });
  });

  test("takes over failFast and weights", () => {
    const weights = new Map([[jobId("unit"), 5]]);
    expect(planRun(GRAPH, { concurrency: 1, failFast: true, weights })).toMatchObject({
      failFast: true,
      weights,
    });
  });

  test("selects the jobs asked for and all that they need in turn, and no other", () => {
    expect([...(planRun(GRAPH, { concurrency: 1, only: [jobId("unit")] }).selected ?? [])]).toEqual([
      "unit",
      "bundle",
      "compile",
    ]);
    expect([...(planRun(GRAPH, { concurrency: 1, only: [jobId("bundle")] }).selected ?? [])]).toEqual([
      "bundle",
      "compile",
    ]);
  });
});
