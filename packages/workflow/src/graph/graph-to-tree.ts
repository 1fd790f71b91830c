import { nodeSteps, type GraphIr, type GraphNode } from "@loom/core";
import { nodesByStage } from "./nodes-by-stage.ts";

/**
 * A graph as lines for people: each stage, below it its jobs, each with its steps, what it needs, what sets
 * it apart, and the provider that runs it.
 */
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
  const count = nodeSteps(node).length;
  const notes: string[] = [`${count} ${count === 1 ? "step" : "steps"}`];
  if (node.needs !== undefined) notes.push(`needs ${node.needs.join(", ")}`);
  if (node.when === "manual") notes.push("runs when asked for");
  else if (node.when !== undefined)
    notes.push(node.when === "always" ? "runs always" : `runs ${node.when.replace("_", " ")}`);
  if (node.rules !== undefined)
    notes.push(`${node.rules.length} ${node.rules.length === 1 ? "rule" : "rules"}`);
  if (node.allow_failure === true) notes.push("may fail");
  else if (typeof node.allow_failure === "object")
    notes.push(`may exit with ${node.allow_failure.exit_codes.join(", ")}`);
  if (node.retry !== undefined) notes.push(`up to ${node.retry.max + 1} attempts`);
  if (node.shell !== undefined)
    notes.push(`in ${plain(typeof node.shell === "string" ? node.shell : (node.shell[0] ?? ""))}`);
  if (node.workspace === "own") notes.push("in its own workspace");
  for (const service of node.services ?? []) notes.push(`with ${plain(service.alias ?? service.name)}`);
  notes.push(node.image === undefined ? "on host" : `in docker ${plain(node.image.name)}`);
  return notes;
}

/** Names of images are free text: control characters would reach the terminal. */
function plain(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, " ");
}
