import { unreachable, type GraphIr } from "@loom/core";
import { graphToDot } from "./graph-to-dot.ts";
import { graphToJson } from "./graph-to-json.ts";
import { graphToMermaid } from "./graph-to-mermaid.ts";
import { graphToTree } from "./graph-to-tree.ts";

/** The ways a graph can be shown. `json` is the graph itself; the others are drawings. */
export const GRAPH_FORMATS = ["json", "mermaid", "dot", "tree"] as const;

/** One of `GRAPH_FORMATS`. */
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** Writes a graph, with a final newline. The same graph gives the same bytes. */
export function formatGraph(graph: GraphIr, format: GraphFormat): string {
  switch (format) {
    case "json":
      return graphToJson(graph);
    case "mermaid":
      return graphToMermaid(graph);
    case "dot":
      return graphToDot(graph);
    case "tree":
      return graphToTree(graph);
    default:
      return unreachable(format);
  }
}
