import { jobsByMatrix, type GraphIr, type GraphNode } from "@loom/core";
import { nodesByStage } from "./nodes-by-stage.ts";

/**
 * A graph in the language of Graphviz: stages are clusters from left to right with dashed arrows between them, the jobs
 * of a matrix are in a cluster of their own, and needs are arrows between jobs.
 */
export function graphToDot(graph: GraphIr): string {
  const lines = ["digraph workflow {", "  compound=true;", "  rankdir=LR;", "  node [shape=box];"];
  const stages = nodesByStage(graph);
  for (const [index, [stage, nodes]] of stages.entries()) {
    lines.push(`  subgraph cluster_${index} {`, `    label="${stage}";`);
    for (const [place, { matrix, jobs }] of jobsByMatrix(nodes, (node) => node.matrix?.job).entries()) {
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
  lines.push(...stageArrows(stages), "}");
  return `${lines.join("\n")}\n`;
}

/** The title of a job below its id. */
function labelOf({ id, title }: GraphNode): string {
  return title === undefined ? "" : ` [label="${id}\\n${title.replaceAll(/["\\]/g, "\\$&")}"]`;
}

/**
 * Arrows from each stage that has jobs to the next. Graphviz places whole clusters by arrows between their nodes, so that all jobs on
 * which no other of the stage waits have one, and only the first of these is drawn.
 */
function stageArrows(byStage: ReturnType<typeof nodesByStage>): string[] {
  const stages = byStage.flatMap(([, nodes], index) => {
    const ids = new Set(nodes.map(({ id }) => id));
    const waited = new Set(nodes.flatMap(({ needs = [] }) => needs.filter((id) => ids.has(id))));
    const first = nodes.find(({ needs = [] }) => !needs.some((id) => ids.has(id)));
    if (first === undefined) return [];
    return [{ cluster: `cluster_${index}`, first: first.id, last: [...ids].filter((id) => !waited.has(id)) }];
  });
  return stages.slice(1).flatMap(({ cluster, first }, index) => {
    const before = stages[index];
    return (before?.last ?? []).map((id, place) => {
      const drawn = `ltail=${before?.cluster}, lhead=${cluster}, style=dashed`;
      return `  "${id}" -> "${first}" [${place === 0 ? drawn : "style=invis"}];`;
    });
  });
}
