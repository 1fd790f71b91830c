import type { GraphNode } from "@loom/core";
import { layerValue } from "./layer-value.ts";
import type { Variables } from "../schema/job-definition.ts";

/** Where the variables of a job come from besides the graph. */
export interface VariableLayers {
  readonly predefined: Variables;
  /** From `--var KEY=VALUE`; beats everything. */
  readonly commandLine?: Variables | undefined;
}

/**
 * The variables of one job before expansion, stronger layers over weaker ones:
 * predefined, then what the graph has in effect, then the command line. Its own
 * name in a value stands for the value of the weaker layer.
 */
export function jobVariables(node: Pick<GraphNode, "variables">, layers: VariableLayers): Variables {
  const own = Object.fromEntries((node.variables ?? []).map(({ key, value }) => [key, value]));
  return layered([literalVariables(layers.predefined), own, layers.commandLine ?? {}]);
}

/** Variables whose values mean what they say: a dollar in a commit message is no reference. */
function literalVariables(variables: Variables): Variables {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replaceAll("$", "$$$$")]),
  );
}

/** Lays variables over each other, the weakest first. */
function layered(layers: readonly Variables[]): Variables {
  const values: Record<string, string> = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      const weaker = values[name];
      values[name] = weaker === undefined ? value : layerValue(name, value, weaker);
    }
  }
  return values;
}
