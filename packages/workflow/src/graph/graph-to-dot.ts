import type { GraphIr, GraphNode } from "@loom/core";
import { nodesByMatrix } from "./nodes-by-matrix.ts";
import { nodesByStage } from "./nodes-by-stage.ts";

/**
 * A graph in the language of Graphviz: stages are clusters from left to right, with the jobs
 * of a matrix in one of their own, and needs are arrows between jobs.
 */
export function graphToDot(graph: GraphIr): string {
  const lines = ["digraph workflow {", "  rankdir=LR;", "  node [shape=box];"];
  for (const [index, [stage, nodes]] of nodesByStage(graph).entries()) {
    lines.push(`  subgraph cluster_${index} {`, `    label="${stage}";`);
    for (const [place, { matrix, nodes: jobs }] of nodesByMatrix(nodes).entries()) {
      const names = jobs.map((job) => `"${job.id}"${labelOf(job)};`);
      if (matrix === undefined) lines.push(...names.map((name) => `    ${name}`));
      else {
        lines.push(`    subgraph cluster_${index}_${place} {`, `      label="${matrix}";`);
        lines.push(...names.map((name) => `      ${name}`), "    }");
      }
    }
    lines.push("  }");
  }
  for (const { from, to } of graph.edges) lines.push(`  "${from}" -> "${to}";`);
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

/** The title of a job below its id. */
function labelOf({ id, title }: GraphNode): string {
  return title === undefined ? "" : ` [label="${id}\\n${title.replaceAll(/["\\]/g, "\\$&")}"]`;
}
