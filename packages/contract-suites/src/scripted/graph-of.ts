import { GRAPH_IR_SCHEMA, type GraphIr, type GraphNode } from "@loom/core";

/** A compiled workflow of these jobs, their stages in order of appearance. Default: stage `test`, script `true`. */
export function graphOf(nodes: readonly (Partial<GraphNode> & Pick<GraphNode, "id">)[]): GraphIr {
  const complete = nodes.map((node): GraphNode => ({
    stage: "test",
    target: "linux",
    script: ["true"],
    ...node,
  }));
  return {
    schema: GRAPH_IR_SCHEMA,
    stages: [...new Set(complete.map((node) => node.stage))],
    nodes: complete,
    edges: complete.flatMap((node) =>
      (node.needs ?? []).map((need) => ({ from: need, to: node.id, kind: "needs" as const })),
    ),
  };
}
