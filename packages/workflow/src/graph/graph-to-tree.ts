import type { GraphIr, GraphNode } from "@loom/core";
import { nodesByStage } from "./nodes-by-stage.ts";

/** A graph as lines for people: each stage, below it its jobs with what sets them apart. */
export function graphToTree(graph: GraphIr): string {
  const lines: string[] = [];
  for (const [stage, nodes] of nodesByStage(graph)) {
    lines.push(nodes.length === 0 ? `${stage} (no jobs)` : stage);
    for (const [index, node] of nodes.entries()) {
      lines.push(`${index === nodes.length - 1 ? "└─" : "├─"} ${[node.id, ...remarks(node)].join(" · ")}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function remarks(node: GraphNode): string[] {
  const notes: string[] = [`${node.script.length} ${node.script.length === 1 ? "step" : "steps"}`];
  if (node.needs !== undefined) notes.push(`needs ${node.needs.join(", ")}`);
  if (node.when !== undefined)
    notes.push(node.when === "always" ? "runs always" : `runs ${node.when.replace("_", " ")}`);
  if (node.allow_failure === true) notes.push("may fail");
  if (node.retry !== undefined) notes.push(`up to ${node.retry.max + 1} attempts`);
  if (node.image !== undefined) notes.push(node.image.name.replaceAll(/\p{Cc}/gu, " "));
  return notes;
}
