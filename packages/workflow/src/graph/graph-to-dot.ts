import type { GraphIr } from "@loom/core";
import { nodesByStage } from "./nodes-by-stage.ts";

/** A graph in the language of Graphviz: stages are clusters from left to right, needs are arrows between jobs. */
export function graphToDot(graph: GraphIr): string {
  const lines = ["digraph workflow {", "  rankdir=LR;", "  node [shape=box];"];
  for (const [index, [stage, nodes]] of nodesByStage(graph).entries()) {
    lines.push(`  subgraph cluster_${index} {`, `    label="${stage}";`);
    for (const node of nodes) lines.push(`    "${node.id}";`);
    lines.push("  }");
  }
  for (const { from, to } of graph.edges) lines.push(`  "${from}" -> "${to}";`);
  lines.push("}");
  return `${lines.join("\n")}\n`;
}
