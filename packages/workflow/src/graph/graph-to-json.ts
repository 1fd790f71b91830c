import type { GraphIr } from "@loom/core";

/** The one way a graph is written: two blanks of indentation, a final newline. The same graph gives the same bytes. */
export function graphToJson(graph: GraphIr): string {
  return `${JSON.stringify(graph, undefined, 2)}\n`;
}
