import type { GraphIr, GraphNode } from "@loom/core";

/** The stages in execution order, each with its jobs in declaration order. Stages without jobs are there too. */
export function nodesByStage(graph: GraphIr): [stage: string, nodes: GraphNode[]][] {
  const stages = new Map<string, GraphNode[]>(graph.stages.map((stage) => [stage, []]));
  for (const node of graph.nodes) stages.get(node.stage)?.push(node);
  return [...stages];
}
