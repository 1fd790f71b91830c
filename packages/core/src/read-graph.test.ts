import { describe, expect, test } from "vitest";
import { EMPTY_GRAPH, GRAPH_IR_SCHEMA } from "./graph-ir.ts";
import { graphFault, readGraph } from "./read-graph.ts";

/** Everything that a graph may have: needs across and inside stages, in any order of the file, and an empty stage. */
const SOUND = {
  schema: GRAPH_IR_SCHEMA,
  stages: ["build", "empty", "test"],
  nodes: [
    {
      id: "report",
      stage: "test",
      needs: ["unit", "lint"],
      needs_without_artifacts: ["lint"],
      when: "always",
    },
    { id: "unit", stage: "test", needs: ["compile"], when: "on_success" },
    { id: "lint", stage: "test", needs: ["compile"], when: "on_failure" },
    { id: "deploy", stage: "test", needs: ["compile"], when: "manual" },
    { id: "docs-en", stage: "test", matrix: { job: "docs", values: [{ key: "LANG", value: "en" }] } },
    { id: "compile", stage: "build" },
  ],
  edges: [],
};

describe("readGraph()", () => {
  test.each([
    ["with needs inside a stage and across stages", SOUND],
    ["with edges that are needs", { ...SOUND, edges: [{ from: "compile", to: "unit", kind: "needs" }] }],
    ["without edges", { ...SOUND, edges: undefined }],
    ["without jobs", EMPTY_GRAPH],
  ])("gives back a graph %s as it is", (_, graph) => {
    expect(readGraph(graph)).toBe(graph);
  });

  test("finds nothing at all in the empty graph", () => {
    expect(EMPTY_GRAPH).toEqual({ schema: GRAPH_IR_SCHEMA, stages: [], nodes: [], edges: [] });
  });

  test("knows the version by its word", () => {
    expect(GRAPH_IR_SCHEMA).toBe("loom.graph-ir.v1");
    expect(readGraph({ ...SOUND, schema: "loom.graph-ir.v2" })).toBeUndefined();
  });

  test.each([undefined, null, 0, "loom.graph-ir.v1", [], {}])("finds no graph in %j", (value) => {
    expect(readGraph(value)).toBeUndefined();
  });

  test.each([
    ["stages", "build"],
    ["stages", { length: 0 }],
    ["stages", ["build", "test", "build", "empty"]],
    ["nodes", {}],
    ["nodes", [null]],
    ["nodes", ["compile"]],
    ["nodes", [undefined]],
    ["edges", {}],
    ["edges", [null]],
    ["edges", [{ from: "compile", to: "report" }]],
    ["edges", [{ from: "compile", to: "nobody" }]],
  ])("finds no graph where %s is %j", (key, value) => {
    expect(readGraph({ ...SOUND, [key]: value })).toBeUndefined();
  });

  test.each([
    ["a name that is not a text", { id: 7, stage: "build" }],
    ["a stage that is not a text", { id: "more", stage: 7 }],
    ["a stage that is not there", { id: "more", stage: "deploy" }],
    ["the name of another", { id: "compile", stage: "build" }],
    ["needs that are no list", { id: "more", stage: "test", needs: "compile" }],
    ["needs that are not all texts", { id: "more", stage: "test", needs: ["compile", 7] }],
    [
      "needs without artifacts that are no list",
      { id: "more", stage: "test", needs_without_artifacts: "compile" },
    ],
    [
      "needs without artifacts that are not all texts",
      { id: "more", stage: "test", needs_without_artifacts: [7] },
    ],
    ["a need that is not there", { id: "more", stage: "test", needs: ["bundle"] }],
    ["a need twice", { id: "more", stage: "test", needs: ["compile", "compile"] }],
    ["a need of a later stage", { id: "more", stage: "build", needs: ["unit"] }],
    ["itself as a need", { id: "more", stage: "test", needs: ["more"] }],
    ["a matrix that is not one", { id: "more", stage: "test", matrix: null }],
    ["a matrix without a name", { id: "more", stage: "test", matrix: { job: 7, values: [] } }],
    ["a matrix without values", { id: "more", stage: "test", matrix: { job: "all", values: {} } }],
    ["a condition that is not one", { id: "more", stage: "test", when: "never" }],
  ])("finds no graph where a job has %s", (_, node) => {
    expect(readGraph({ ...SOUND, nodes: [...SOUND.nodes, node] })).toBeUndefined();
  });

  test("finds no graph where needs form a cycle beside jobs that are free", () => {
    const nodes = [
      { id: "free", stage: "build" },
      { id: "a", stage: "build", needs: ["free", "c"] },
      { id: "b", stage: "build", needs: ["a"] },
      { id: "c", stage: "build", needs: ["b"] },
    ];
    expect(readGraph({ ...SOUND, nodes })).toBeUndefined();
  });
});

test("graphFault() names the jobs of a cycle, and not those that only wait for it", () => {
  const nodes = [
    { id: "first", stage: "build", needs: ["a"] },
    { id: "a", stage: "build", needs: ["free", "b"] },
    { id: "b", stage: "build", needs: ["a"] },
    { id: "free", stage: "build" },
  ];
  expect(graphFault({ ...SOUND, nodes })).toBe("the needs of its jobs form a cycle: a -> b -> a");
});

test.each([
  { id: 7, stage: "build" },
  { id: "more", stage: 7 },
  { id: "more", stage: "test", needs: "compile" },
  { id: "more", stage: "test", needs: ["compile", 7] },
  { id: "more", stage: "test", when: "never" },
])("graphFault() takes %j for no job", (node) => {
  expect(graphFault({ ...SOUND, nodes: [...SOUND.nodes, node] })).toBe(
    "its graph has no list of jobs as they should be",
  );
});

test.each([
  [{ schema: "other" }, "it is not a graph of version loom.graph-ir.v1"],
  [{ stages: "build" }, "its graph has no list of stages"],
  [{ nodes: {} }, "its graph has no list of jobs as they should be"],
  [{ edges: {} }, "its graph has no list of edges"],
])("graphFault() says what is wrong with %j", (fields, fault) => {
  expect(graphFault({ ...SOUND, ...fields })).toBe(fault);
});
