// @vitest-environment jsdom
import { spawnSync } from "node:child_process";
import type { GraphIr } from "@loom/core";
import mermaid from "mermaid";
import { describe, expect, test } from "vitest";
import { formatGraph } from "../src/index.ts";
import { compileFixture, fixtureNames } from "./fixture-files.ts";

const graphs: readonly GraphIr[] = fixtureNames.flatMap((fixture) => {
  const result = compileFixture(fixture);
  return result.ok ? [result.value.graph] : [];
});

const arrows = (graph: GraphIr): string[] => graph.edges.map(({ from, to }) => `${from} -> ${to}`).sort();
const jobs = (graph: GraphIr): string[] => graph.nodes.map(({ id }) => id).sort();

describe("formatGraph() as mermaid", () => {
  test("is read by Mermaid as the graph that it was made from", async () => {
    for (const graph of graphs) {
      const text = formatGraph(graph, "mermaid");
      expect(await mermaid.parse(text)).toMatchObject({ diagramType: "flowchart-v2" });
      const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
      const { vertices, edges, stages, matrices } = flowchartOf(db);
      const labels = new Map(vertices.map(({ id, text }) => [id, text.split(": ")[0]]));
      const needs = edges.filter(({ start }) => labels.has(start));
      expect(vertices.map(({ id }) => labels.get(id) ?? "").sort()).toEqual(jobs(graph));
      expect(vertices.flatMap(({ text }) => text.split(": ").slice(1)).map(decoded)).toEqual(
        graph.nodes.flatMap(({ title }) => title ?? []),
      );
      expect(needs.map(({ start, end }) => `${labels.get(start)} -> ${labels.get(end)}`).sort()).toEqual(
        arrows(graph),
      );
      expect(stages).toEqual(
        graph.stages.filter((stage) => graph.nodes.some((node) => node.stage === stage)),
      );
      expect(new Set(matrices)).toEqual(new Set(graph.nodes.flatMap(({ matrix }) => matrix?.job ?? [])));
    }
  });

  test("is checked by a reader that refuses what is not a flowchart", async () => {
    await expect(mermaid.parse('flowchart LR\n  subgraph s0["build"\n  j0["a"]\n')).rejects.toThrow(
      "Parse error",
    );
  });
});

/** What Mermaid makes of the codes of characters, when it writes a label into the drawing. */
function decoded(text: string): string {
  return text.replaceAll(/\uFB02\u00B0\u00B0(\d+)\u00B6\u00DF/g, (_, code) =>
    String.fromCodePoint(Number(code)),
  );
}

interface Flowchart {
  readonly vertices: readonly { readonly id: string; readonly text: string }[];
  readonly edges: readonly { readonly start: string; readonly end: string }[];
  readonly stages: readonly string[];
  readonly matrices: readonly string[];
}

/** What Mermaid's own model of a flowchart holds. Its types say nothing of kinds of diagrams. */
function flowchartOf(model: unknown): Flowchart {
  const db = model as {
    getVertices: () => Map<string, { id: string; text: string }>;
    getEdges: () => { start: string; end: string }[];
    getSubGraphs: () => { id: string; title: string }[];
  };
  const subgraphs = new Set(db.getSubGraphs().map(({ id }) => id));
  const vertices = [...db.getVertices().values()].filter(({ id }) => !subgraphs.has(id));
  const titles = (isStage: boolean): string[] =>
    db.getSubGraphs().flatMap(({ id, title }) => (/^s\d+$/.test(id) === isStage ? [title] : []));
  return { vertices, edges: db.getEdges(), stages: titles(true), matrices: titles(false) };
}

const graphviz = spawnSync("dot", ["-V"]).error === undefined;

describe.skipIf(!graphviz)(
  "formatGraph() as dot (skipped without Graphviz: apt-get install graphviz)",
  () => {
    const drawn = (): { plain: string[]; stderr: string } => {
      const input = graphs.map((graph) => formatGraph(graph, "dot")).join("");
      const { stdout, stderr } = spawnSync("dot", ["-Tplain"], { input, encoding: "utf8" });
      return { plain: stdout.split(/^stop\n/m).slice(0, -1), stderr };
    };

    test("is drawn by Graphviz as the graph that it was made from", () => {
      const { plain, stderr } = drawn();
      expect(stderr).toBe("");
      expect(plain.map(drawnJobs)).toEqual(graphs.map(jobs));
      expect(plain.map(drawnArrows)).toEqual(graphs.map(arrows));
    });

    test("draws each stage right of the one before", () => {
      const { plain } = drawn();
      expect(plain).toHaveLength(graphs.length);
      for (const [index, graph] of graphs.entries()) {
        const columns = new Map(
          [...(plain[index] ?? "").matchAll(/^node (\S+) (\S+) /gm)].map(([, name, x]) => [
            unquoted(name),
            Number(x),
          ]),
        );
        let right = -1;
        const byStage = Map.groupBy(graph.nodes, (node) => node.stage);
        for (const stage of graph.stages.filter((name) => byStage.has(name))) {
          const places = byStage.get(stage)?.map(({ id }) => columns.get(id) ?? NaN) ?? [];
          expect(Math.min(...places), `${stage} in ${JSON.stringify(graph.nodes)}`).toBeGreaterThan(right);
          right = Math.max(...places);
        }
      }
    });

    test("names the stages in the drawing", () => {
      const graph = graphs.find(({ stages }) => stages.length > 2);
      if (graph === undefined) throw new Error("no fixture has three stages");
      const { stdout } = spawnSync("dot", ["-Tsvg"], { input: formatGraph(graph, "dot"), encoding: "utf8" });
      const texts = [...stdout.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
      expect(texts).toEqual(expect.arrayContaining([...graph.stages]));
    });
  },
);

/** Graphviz quotes the names that are not plain words. */
const unquoted = (name: string | undefined): string => (name ?? "").replace(/^"(.*)"$/, "$1");

function drawnJobs(plain: string): string[] {
  return [...plain.matchAll(/^node (\S+) /gm)].map((match) => unquoted(match[1])).sort();
}

function drawnArrows(plain: string): string[] {
  const found = [...plain.matchAll(/^edge (\S+) (\S+) .* solid \S+$/gm)];
  return found.map((match) => `${unquoted(match[1])} -> ${unquoted(match[2])}`).sort();
}
