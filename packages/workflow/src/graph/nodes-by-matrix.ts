import type { GraphNode } from "@loom/core";

/** Jobs that follow each other and come from one matrix, or a job without one. */
export interface NodeGroup {
  /** The name of the job with the matrix; absent for a job without one. */
  readonly matrix?: string;
  readonly nodes: [GraphNode, ...GraphNode[]];
}

/** Groups the jobs of a stage by the matrix that makes them, in declaration order. */
export function nodesByMatrix(nodes: readonly GraphNode[]): NodeGroup[] {
  const groups: NodeGroup[] = [];
  for (const node of nodes) {
    const last = groups.at(-1);
    if (node.matrix === undefined) groups.push({ nodes: [node] });
    else if (last?.matrix === node.matrix.job) last.nodes.push(node);
    else groups.push({ matrix: node.matrix.job, nodes: [node] });
  }
  return groups;
}
