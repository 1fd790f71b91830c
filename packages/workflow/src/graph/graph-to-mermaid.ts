import { jobsByMatrix, type GraphIr, type GraphNode } from "@loom/core";
import { nodesByStage } from "./nodes-by-stage.ts";

/**
 * A graph as a Mermaid flowchart: stages are boxes joined by dotted arrows, with the jobs of a
 * matrix in a box of their own, and needs are arrows between jobs.
 *
 * Jobs and stages are numbered, since words such as `end` mean something to
 * Mermaid.
 */
export function graphToMermaid(graph: GraphIr): string {
  const numbers = new Map(graph.nodes.map((node, index) => [node.id, `j${index}`]));
  const lines = ["flowchart LR"];
  const stages = nodesByStage(graph).filter(([, nodes]) => nodes.length > 0);
  for (const [index, [stage, nodes]] of stages.entries()) {
    lines.push(`  subgraph s${index}["${stage}"]`);
    for (const [place, { matrix, jobs }] of jobsByMatrix(nodes, (node) => node.matrix?.job).entries()) {
      const names = jobs.map((job) => `${numbers.get(job.id) ?? ""}["${labelOf(job)}"]`);
      if (matrix === undefined) lines.push(...names.map((name) => `    ${name}`));
      else {
        lines.push(`    subgraph s${index}m${place}["${matrix}"]`);
        lines.push(...names.map((name) => `      ${name}`), "    end");
      }
    }
    lines.push("  end");
  }
  for (let index = 1; index < stages.length; index += 1) lines.push(`  s${index - 1} -.-> s${index}`);
  for (const { from, to } of graph.edges)
    lines.push(`  ${numbers.get(from) ?? ""} --> ${numbers.get(to) ?? ""}`);
  return `${lines.join("\n")}\n`;
}

/** The id of a job and its title, which is free text: what means something to Mermaid is written by its code. */
function labelOf({ id, title }: GraphNode): string {
  if (title === undefined) return id;
  return `${id}: ${title.replaceAll(/[^\p{L}\p{N} .,:()/_-]/gu, (char) => `#${char.codePointAt(0) ?? 0};`)}`;
}
