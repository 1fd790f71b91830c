import { MAX_MERGED_ENTRIES } from "../limits.ts";
import type { SourceEntry, SourceMap, SourceNode, SourceScalar } from "../source/source-node.ts";
import { layerValue } from "../variables/layer-value.ts";

/** How much inheritance may still copy. Counts down over a whole workflow. */
export interface MergeBudget {
  entries: number;
}

/** A fresh budget for one workflow. */
export function mergeBudget(): MergeBudget {
  return { entries: MAX_MERGED_ENTRIES };
}

/**
 * Lays one node over another.
 *
 * Mappings merge key by key, lists and scalars replace, and null stays as a
 * mark that removes what was inherited until something stronger sets it again.
 * Keys keep the order of `weak`; new ones follow. The result counts as written
 * where `strong` was; what it holds keeps its own place.
 *
 * Once the budget is spent it returns `strong` alone; the caller reports that.
 */
export function mergeNodes(
  weak: SourceNode | undefined,
  strong: SourceNode,
  budget: MergeBudget,
): SourceNode {
  if (weak === undefined) return strong;
  if (weak.kind === "scalar" && strong.kind === "scalar") return overScalar(weak, strong);
  if (weak.kind !== "map" || strong.kind !== "map") return strong;
  if (weak.entries.size === 0) return strong;
  if (strong.entries.size === 0) return { ...strong, entries: weak.entries };
  return mergeMaps(weak, strong, budget);
}

/** A scalar replaces, but for the value of a variable that names itself: that is the weaker one. */
function overScalar(weak: SourceScalar, strong: SourceScalar): SourceScalar {
  const isVariable = strong.parent?.key === "variables" && typeof strong.key === "string";
  if (!isVariable || typeof weak.value !== "string" || typeof strong.value !== "string") return strong;
  const value = layerValue(String(strong.key), strong.value, weak.value);
  return value === strong.value ? strong : { ...strong, value };
}

function mergeMaps(weak: SourceMap, strong: SourceMap, budget: MergeBudget): SourceMap {
  budget.entries -= weak.entries.size + strong.entries.size;
  if (budget.entries < 0) return strong;
  const entries = new Map<string, SourceEntry>(weak.entries);
  for (const [key, entry] of strong.entries) {
    const inherited = entries.get(key);
    const node = mergeNodes(inherited?.node, entry.node, budget);
    entries.set(key, node === entry.node ? entry : { ...entry, node });
  }
  return { ...strong, entries };
}
