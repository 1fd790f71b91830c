import { describe, expect, test } from "vitest";
import { compileWorkflow } from "../compile-workflow.ts";
import { formatGraph, GRAPH_FORMATS } from "./format-graph.ts";

const compiled = compileWorkflow({
  path: "workflow.yml",
  text: [
    "version: v1",
    "stages: [build, check, end]",
    "compile: {stage: build, script: [make], image: node:24}",
    "lint: {stage: build, script: [a, b], allow_failure: true}",
    "unit: {stage: end, script: [x], needs: [compile, lint], retry: 2}",
    "report: {stage: end, script: [x], when: on_failure, workspace: own}",
    "tidy: {stage: end, script: [x], when: always, carry: [env, cwd], resource: disk}",
  ].join("\n"),
});
if (!compiled.ok) throw new Error("Cannot compile the sample");
const { graph } = compiled.value;

describe("formatGraph()", () => {
  test("draws a Mermaid flowchart", () => {
    expect(formatGraph(graph, "mermaid")).toMatchInlineSnapshot(`
      "flowchart LR
        subgraph s0["build"]
          j0["compile"]
          j1["lint"]
        end
        subgraph s1["end"]
          j2["unit"]
          j3["report"]
          j4["tidy"]
        end
        s0 -.-> s1
        j0 --> j2
        j1 --> j2
      "
    `);
  });

  test("draws a graph for Graphviz", () => {
    expect(formatGraph(graph, "dot")).toMatchInlineSnapshot(`
      "digraph workflow {
        compound=true;
        rankdir=LR;
        node [shape=box];
        subgraph cluster_0 {
          label="build";
          "compile";
          "lint";
        }
        subgraph cluster_1 {
          label="check";
        }
        subgraph cluster_2 {
          label="end";
          "unit";
          "report";
          "tidy";
        }
        "compile" -> "unit";
        "lint" -> "unit";
        "compile" -> "unit" [ltail=cluster_0, lhead=cluster_2, style=dashed];
        "lint" -> "unit" [style=invis];
      }
      "
    `);
  });

  test("draws a tree for people", () => {
    expect(formatGraph(graph, "tree")).toMatchInlineSnapshot(`
      "build
      ├─ compile · 1 step · in docker node:24
      └─ lint · 2 steps · may fail · on host
      check (no jobs)
      end
      ├─ unit · 1 step · needs compile, lint · up to 3 attempts · on host
      ├─ report · 1 step · runs on failure · in its own workspace · on host
      └─ tidy · 1 step · runs always · carries cwd and env · alone with disk · on host
      "
    `);
  });

  test("draws the jobs of a matrix together, and names them together when all are needed", () => {
    const text = [
      "version: v1",
      "stages: [build, test]",
      'unit: {stage: build, script: [x], matrix: [{NODE: ["22", "24"]}], timeout: 5m}',
      "lint: {stage: build, script: [x], needs: [unit-24]}",
      'only: {stage: build, script: [x], matrix: [{A: "b\\tc"}], needs: [unit]}',
      "pack: {stage: test, script: [x], needs: [lint, unit, only-b-c]}",
    ].join("\n");
    const result = compileWorkflow({ path: "workflow.yml", text });
    if (!result.ok) throw new Error("Cannot compile the sample");
    expect(formatGraph(result.value.graph, "tree")).toMatchInlineSnapshot(`
      "build
      ├─ unit · 2 jobs · 1 step · on host
      │  ├─ unit-22 · NODE=22
      │  └─ unit-24 · NODE=24
      ├─ lint · 1 step · needs unit-24 · on host
      └─ only · 1 job · 1 step · needs unit · on host
         └─ only-b-c · A=b c
      test
      └─ pack · 1 step · needs lint, unit, only · on host
      "
    `);
    expect(formatGraph(result.value.graph, "mermaid")).toMatchInlineSnapshot(`
      "flowchart LR
        subgraph s0["build"]
          subgraph s0m0["unit"]
            j0["unit-22"]
            j1["unit-24"]
          end
          j2["lint"]
          subgraph s0m2["only"]
            j3["only-b-c"]
          end
        end
        subgraph s1["test"]
          j4["pack"]
        end
        s0 -.-> s1
        j1 --> j2
        j0 --> j3
        j1 --> j3
        j2 --> j4
        j0 --> j4
        j1 --> j4
        j3 --> j4
      "
    `);
    expect(formatGraph(result.value.graph, "dot")).toMatchInlineSnapshot(`
      "digraph workflow {
        compound=true;
        rankdir=LR;
        node [shape=box];
        subgraph cluster_0 {
          label="build";
          subgraph cluster_0_0 {
            label="unit";
            "unit-22";
            "unit-24";
          }
          "lint";
          subgraph cluster_0_2 {
            label="only";
            "only-b-c";
          }
        }
        subgraph cluster_1 {
          label="test";
          "pack";
        }
        "unit-24" -> "lint";
        "unit-22" -> "only-b-c";
        "unit-24" -> "only-b-c";
        "lint" -> "pack";
        "unit-22" -> "pack";
        "unit-24" -> "pack";
        "only-b-c" -> "pack";
        "lint" -> "pack" [ltail=cluster_0, lhead=cluster_1, style=dashed];
        "only-b-c" -> "pack" [style=invis];
      }
      "
    `);
  });

  test("shows titles beside ids, whatever they say", () => {
    const text = [
      "version: v1",
      "stages: [test]",
      "unit: {stage: test, script: [x], title: 'All \"unit\" tests \\ #1'}",
      "db: {stage: test, script: [x], title: Databases, matrix: [{DB: [pg]}]}",
    ].join("\n");
    const result = compileWorkflow({ path: "workflow.yml", text });
    if (!result.ok) throw new Error("Cannot compile the sample");
    expect(formatGraph(result.value.graph, "tree")).toMatchInlineSnapshot(`
      "test
      ├─ unit (All "unit" tests \\ #1) · 1 step · on host
      └─ db (Databases) · 1 job · 1 step · on host
         └─ db-pg · DB=pg
      "
    `);
    expect(formatGraph(result.value.graph, "mermaid")).toMatchInlineSnapshot(`
      "flowchart LR
        subgraph s0["test"]
          j0["unit: All #34;unit#34; tests #92; #35;1"]
          subgraph s0m1["db"]
            j1["db-pg: Databases"]
          end
        end
      "
    `);
    expect(formatGraph(result.value.graph, "dot")).toMatchInlineSnapshot(`
      "digraph workflow {
        compound=true;
        rankdir=LR;
        node [shape=box];
        subgraph cluster_0 {
          label="test";
          "unit" [label="unit\\nAll \\"unit\\" tests \\\\ #1"];
          subgraph cluster_0_1 {
            label="db";
            "db-pg" [label="db-pg\\nDatabases"];
          }
        }
      }
      "
    `);
  });

  test("writes the graph itself as JSON that reads back the same", () => {
    const json = formatGraph(graph, "json");
    expect(JSON.parse(json)).toEqual(graph);
    expect(json.endsWith("}\n")).toBe(true);
  });

  test.each(GRAPH_FORMATS)(
    "ends %s with one line break, and gives the same bytes for the same graph",
    (format) => {
      expect(formatGraph(graph, format)).toMatch(/[^\n]\n$/);
      expect(formatGraph(structuredClone(graph), format)).toBe(formatGraph(graph, format));
    },
  );
});
