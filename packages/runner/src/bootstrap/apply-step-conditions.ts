import type { GraphIr, GraphNode, GraphStep } from "@loom/core";
import { conditionHolds } from "@loom/workflow";

/**
 * Decides which steps are left out, as their conditions do not hold.
 *
 * @param environment - The variables of a job, expanded: what the conditions of its steps see.
 */
export function applyStepConditions(
  graph: GraphIr,
  environment: (node: GraphNode) => Readonly<Record<string, string>>,
): GraphIr {
  const nodes = graph.nodes.map((node) => {
    if (node.step_options?.some((step) => step.if !== undefined) !== true) return node;
    const variables = environment(node);
    const decided = node.step_options.map((step): GraphStep =>
      step.if === undefined || conditionHolds(step.if, variables) ? step : { ...step, withheld: true },
    );
    return { ...node, step_options: decided };
  });
  return { ...graph, nodes };
}
