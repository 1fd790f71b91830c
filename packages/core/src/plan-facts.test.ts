import { describe, expect, test } from "vitest";
import type { FactValue, LogEvent } from "./event.ts";
import { GRAPH_IR_SCHEMA, type GraphIr } from "./graph-ir.ts";
import { jobId, runIdentity, type JobId } from "./ids.ts";
import { planFacts, planOf, planOfFacts } from "./plan-facts.ts";
import { planRun, type OptionalPhases, type PlanOptions } from "./run-plan.ts";

/** An earlier run. */
const RUN = runIdentity(1n).runId;

const GRAPH: GraphIr = {
  schema: GRAPH_IR_SCHEMA,
  stages: ["build", "test"],
  nodes: [
    { id: "compile", stage: "build", target: "linux", script: ["make"] },
    { id: "unit", stage: "test", target: "linux", script: ["make test"], needs: ["compile"] },
    { id: "lint", stage: "test", target: "linux", script: ["make lint"] },
  ],
  edges: [{ from: "compile", to: "unit", kind: "needs" }],
};

const PHASES: Readonly<Record<string, OptionalPhases>> = {
  compile: { savesArtifacts: "always", savesCache: "on_failure" },
  unit: { restoresCache: true, restoresArtifacts: true, savesArtifacts: "on_success" },
};

function factsOf(options: Partial<PlanOptions> = {}): Readonly<Record<string, FactValue>> {
  return planFacts(GRAPH, planRun(GRAPH, { concurrency: 2, ...options }));
}

function recordOf(facts: Readonly<Record<string, FactValue>>): LogEvent {
  return { event: "log", seq: 1, ts: "", level: "info", message: "", ...facts };
}

describe("planFacts()", () => {
  test("notes the graph and the command line, and leaves out what was not asked for", () => {
    expect(factsOf()).toEqual({ concurrency: 2, fail_fast: false, graph_ir: GRAPH });
  });

  test("notes a selection with what it needs, and the optional phases of the jobs that have some", () => {
    expect(
      factsOf({ failFast: true, only: [jobId("unit")], optionalPhases: ({ id }) => PHASES[id] ?? {} }),
    ).toEqual({
      concurrency: 2,
      fail_fast: true,
      selected: ["unit", "compile"],
      optional_phases: {
        compile: { saves_artifacts: "always", saves_cache: "on_failure" },
        unit: { restores_cache: true, restores_artifacts: true, saves_artifacts: "on_success" },
      },
      graph_ir: GRAPH,
    });
  });
});

describe("planOfFacts()", () => {
  test.each<[string, Partial<PlanOptions>]>([
    ["of all jobs", {}],
    ["of some jobs", { failFast: true, only: [jobId("unit")] }],
    ["of jobs of which one keeps its result", { kept: new Map([[jobId("compile"), RUN]]) }],
    [
      "of jobs that are withheld",
      {
        withheld: new Map([
          [jobId("unit"), "manual"],
          [jobId("lint"), "condition_not_met"],
        ]),
      },
    ],
    ["with optional phases", { optionalPhases: ({ id }) => PHASES[id] ?? {} }],
  ])("gives back the plan %s that was noted", (_, options) => {
    expect(planOfFacts(recordOf(factsOf(options)))).toEqual(planRun(GRAPH, { concurrency: 2, ...options }));
  });

  test("finds no plan in a record without a graph", () => {
    expect(planOfFacts(recordOf({ concurrency: 2 }))).toBeUndefined();
  });

  test("takes damaged facts for ones that were not noted", () => {
    const damaged = recordOf({
      graph_ir: factsOf()["graph_ir"] ?? "",
      concurrency: "2",
      fail_fast: "true",
      selected: "unit",
      kept: ["compile"],
      withheld: ["compile"],
      optional_phases: {
        compile: { restores_cache: 1, restores_artifacts: "true", saves_artifacts: "never", saves_cache: 1 },
        unit: "all",
      },
    });
    expect(planOfFacts(damaged)).toEqual(planRun(GRAPH, { concurrency: 1 }));
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["no kept jobs", { kept: null }],
    ["nothing withheld", { withheld: null }],
    ["a job that is withheld for a reason that is none", { withheld: { compile: "stage_blocked" } }],
    ["a kept job without its run", { kept: { compile: 7 } }],
    ["a job without phases", { optional_phases: { compile: null } }],
  ])("takes %s for facts that were not noted", (_, damage) => {
    const damaged = recordOf({ ...factsOf(), ...(damage as Record<string, FactValue>) });
    expect(planOfFacts(damaged)).toEqual(planRun(GRAPH, { concurrency: 2 }));
  });

  test("takes nothing that every object has for a fact of a job", () => {
    const [node] = GRAPH.nodes;
    const graph = { ...GRAPH, nodes: [{ ...node, id: "constructor" }], edges: [] } as unknown as FactValue;
    expect(planOfFacts(recordOf({ graph_ir: graph, optional_phases: {} }))?.jobs).toMatchObject([
      { jobId: "constructor", restoresCache: false },
    ]);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["no room for a job", { concurrency: 0 }],
    ["a part of a job at a time", { concurrency: 1.5 }],
    ["a job that is not there", { selected: ["unit", "untit"] }],
    ["a kept job that is not there", { kept: { untit: RUN } }],
    ["a withheld job that is not there", { withheld: { untit: "manual" } }],
    ["an edge that is no need", { graph_ir: { ...GRAPH, edges: [{ from: "lint", to: "unit" }] } }],
    ["edges that are no list", { graph_ir: { ...GRAPH, edges: 1 } }],
    [
      "a job without a list of steps",
      { graph_ir: { ...GRAPH, nodes: [{ id: "compile", stage: "build" }], edges: [] } },
    ],
    ["a stage that is not there", { graph_ir: { ...GRAPH, stages: ["build"] } }],
  ])("finds no plan with %s, as planRun() makes none", (_, damage) => {
    expect(planOfFacts(recordOf({ ...factsOf(), ...(damage as Record<string, FactValue>) }))).toBeUndefined();
  });

  test("gives back a plan of no job at all", () => {
    const plan = { ...planRun(GRAPH, { concurrency: 2 }), selected: new Set<JobId>() };
    expect(planOfFacts(recordOf(planFacts(GRAPH, plan)))).toEqual(plan);
  });
});

describe("planOf()", () => {
  const at = (kind: string, facts: object): never =>
    ({ stream: { kind }, record: { ...recordOf({}), ...facts } }) as never;
  const other = factsOf({ failFast: true });
  const others = [at("pipeline", other), at("run", { ...other, event: "job_state" }), at("run", {})];

  test("takes the first plan that a log of the run's own stream notes", () => {
    expect(planOf([...others, at("run", factsOf()), at("run", other)])).toEqual(
      planRun(GRAPH, { concurrency: 2 }),
    );
  });

  test("finds none where none is noted", () => {
    expect(planOf(others)).toBeUndefined();
  });
});
