import { describe, expect, test } from "vitest";
import { GRAPH_IR_SCHEMA, type GraphIr, type GraphNode } from "./graph-ir.ts";
import { jobId, runIdentity } from "./ids.ts";
import { planRun, type PlanOptions } from "./run-plan.ts";

/** An earlier run. */
const RUN = runIdentity(1n).runId;

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
    expect(planRun(GRAPH, { concurrency: 3 }).jobs[0]).toStrictEqual({
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
    expect(rest).toStrictEqual({ stages: ["build", "test"], concurrency: 3, failFast: false });
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

  test("lets nobody wait for a manual job whose result is kept", () => {
    const node = (id: string): GraphNode => ({ id, stage: "s", target: "linux", script: ["true"] });
    const nodes: GraphNode[] = [
      { ...node("deploy"), when: "manual" },
      { ...node("after"), needs: ["deploy"] },
    ];
    const graph: GraphIr = { schema: GRAPH_IR_SCHEMA, stages: ["s"], nodes, edges: [] };
    const kept = new Map([[jobId("deploy"), RUN]]);
    expect(planRun(graph, { concurrency: 1, kept }).withheld).toBeUndefined();
    expect(planRun(graph, { concurrency: 1 }).jobs.map(({ isManual }) => isManual)).toEqual([
      true,
      undefined,
    ]);
  });

  test("withholds manual jobs that nobody asks for, and what needs them, but not those that are asked for or needed", () => {
    const node = (id: string, more: object = {}): GraphIr["nodes"][number] => ({
      id,
      stage: "all",
      target: "linux",
      script: ["true"],
      ...more,
    });
    const nodes = [
      node("last", { needs: ["after"] }),
      node("after", { needs: ["deploy", "build"] }),
      node("deploy", { when: "manual", needs: ["approve"] }),
      node("approve", { when: "manual" }),
      node("other", { when: "manual" }),
      node("build"),
    ];
    const graph: GraphIr = { schema: "loom.graph-ir.v1", stages: ["all"], nodes, edges: [] };
    const withheld = (options: Partial<PlanOptions>): unknown =>
      Object.fromEntries(planRun(graph, { concurrency: 1, ...options }).withheld ?? []);
    const [after, deploy, other] = [jobId("after"), jobId("deploy"), jobId("other")];
    const all = { approve: "manual", deploy: "manual", after: "manual", last: "manual", other: "manual" };
    expect(withheld({})).toEqual(all);
    expect(withheld({ play: [deploy] })).toEqual({ other: "manual" });
    expect(withheld({ only: [after] })).toEqual({ other: "manual" });
    expect(withheld({ only: [other] })).toEqual({
      approve: "manual",
      deploy: "manual",
      after: "manual",
      last: "manual",
    });
    expect(withheld({ withheld: new Map([[deploy, "condition_not_met"]]) })).toEqual({
      deploy: "condition_not_met",
      approve: "manual",
      other: "manual",
    });
    expect([
      ...(planRun(graph, { concurrency: 1, only: [jobId("build")], play: [other] }).selected ?? []),
    ]).toEqual(["build", "other"]);
    expect(planRun(graph, { concurrency: 1, only: [jobId("last")] }).jobs[2]).toMatchObject({
      when: "on_success",
    });
  });

  test("selects no job that keeps an earlier result, whether it was asked for or not", () => {
    const kept = new Map([[jobId("bundle"), RUN]]);
    const all = planRun(GRAPH, { concurrency: 1, kept });
    expect(all.kept).toBe(kept);
    expect([...(all.selected ?? [])]).toEqual(
      GRAPH.nodes.map(({ id }) => id).filter((id) => id !== "bundle"),
    );
    const some = planRun(GRAPH, { concurrency: 1, only: [jobId("unit")], kept });
    expect([...(some.selected ?? [])]).toEqual(["unit", "compile"]);
    expect(planRun(GRAPH, { concurrency: 1, kept: new Map() })).not.toHaveProperty("kept");
  });

  test("withholds the jobs that it is told to, selected or not", () => {
    const withheld = new Map([[jobId("bundle"), "manual" as const]]);
    expect(planRun(GRAPH, { concurrency: 1, withheld }).withheld).toEqual(withheld);
    expect(planRun(GRAPH, { concurrency: 1, withheld: new Map() })).not.toHaveProperty("withheld");
  });

  test.each<[string, Partial<GraphIr>, Partial<PlanOptions>, string]>([
    [
      "a withheld job that is not there",
      {},
      { withheld: new Map([[jobId("untit"), "manual"]]) },
      'job "untit" is not in the graph',
    ],
    [
      "a kept job that is not there",
      {},
      { kept: new Map([[jobId("untit"), RUN]]) },
      'job "untit" is not in the graph',
    ],
    [
      "a job that is not there",
      {},
      { only: [jobId("unit"), jobId("untit")] },
      'job "untit" is not in the graph',
    ],
    ...[0, -1, 1.5, Number.NaN, Infinity].map((concurrency): [string, object, object, string] => [
      `${concurrency} jobs at a time`,
      {},
      { concurrency },
      `concurrency is ${concurrency}, not a whole number of 1 or more`,
    ]),
    [
      "an edge that is no need",
      { edges: [{ from: "compile", to: "unit", kind: "needs" }] },
      {},
      'its graph has an edge from "compile" to "unit", and no such need',
    ],
    ["a job twice", withJob({ id: "unit" }), {}, 'its graph has job "unit" twice'],
    ["a stage twice", { stages: ["build", "test", "test"] }, {}, "its graph has a stage twice"],
    [
      "an unknown stage",
      withJob({ stage: "deploy" }),
      {},
      'job "more" is in stage "deploy", which is not in the graph',
    ],
    ["an unknown need", withJob({ needs: ["z"] }), {}, 'job "more" needs "z", which is not in the graph'],
    ["a need twice", withJob({ needs: ["unit", "unit"] }), {}, 'job "more" needs a job twice'],
    [
      "a need of a later stage",
      withJob({ stage: "build", needs: ["unit"] }),
      {},
      'job "more" needs "unit", which is in a later stage',
    ],
    [
      "a cycle",
      { nodes: [...withJob({ id: "a", needs: ["unit", "b"] }).nodes, node({ id: "b", needs: ["a"] })] },
      {},
      "the needs of its jobs form a cycle: a -> b -> a",
    ],
    ["a job without steps", withJob({ script: [] }), {}, 'job "more" has no steps'],
    [
      "a limit of no time",
      withJob({ timeout_ms: 0 }),
      {},
      'job "more" has a limit of 0 ms, which is not above 0',
    ],
    [
      "fewer attempts than one",
      withJob({ retry: { max: -1, on: [] } }),
      {},
      'job "more" has a number of attempts that cannot be',
    ],
  ])("refuses %s", (_, graph, options, fault) => {
    expect(() => planRun({ ...GRAPH, ...graph }, { concurrency: 1, ...options })).toThrow(
      new Error(`Cannot plan the run: ${fault}`),
    );
  });

  test("takes a graph whose edges say what its needs say, or nothing", () => {
    const edges: GraphIr["edges"] = [
      { from: "compile", to: "bundle", kind: "needs" },
      { from: "bundle", to: "unit", kind: "needs" },
    ];
    expect(planRun({ ...GRAPH, edges }, { concurrency: 1 })).toEqual(planRun(GRAPH, { concurrency: 1 }));
  });
});

function node(fields: Partial<GraphNode>): GraphNode {
  return { id: "more", stage: "test", target: "linux", script: ["make more"], ...fields };
}

function withJob(fields: Partial<GraphNode>): Pick<GraphIr, "nodes"> {
  return { nodes: [...GRAPH.nodes, node(fields)] };
}
