import type { GraphNode } from "@loom/core";
import type { Variables } from "../schema/job-definition.ts";

/** Where the variables of a job come from besides the graph. */
export interface VariableLayers {
  readonly predefined: Variables;
  /** From `--var KEY=VALUE`; beats everything. */
  readonly commandLine?: Variables;
}

/**
 * The variables of one job before expansion, stronger layers over weaker ones:
 * predefined, then what the graph has in effect, then the command line.
 */
export function jobVariables(node: Pick<GraphNode, "variables">, layers: VariableLayers): Variables {
  const own = Object.fromEntries((node.variables ?? []).map(({ key, value }) => [key, value]));
  return { ...layers.predefined, ...own, ...layers.commandLine };
}
