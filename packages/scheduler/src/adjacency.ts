import { countDown } from "./count-down.ts";
import { elementAt } from "./element-at.ts";

/**
 * One list of node numbers for every node `0 … n-1`, in two flat arrays.
 *
 * The list of node `i` is `targets[starts[i]] … targets[starts[i + 1] - 1]`, so a
 * million short lists cost two allocations and are read in order of memory.
 */
export interface Adjacency {
  /** `n + 1` offsets into `targets`, ascending. */
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

/** The list of one node: a view, not a copy. */
export function neighboursOf(adjacency: Adjacency, node: number): Int32Array {
  return adjacency.targets.subarray(elementAt(adjacency.starts, node), elementAt(adjacency.starts, node + 1));
}

/**
 * Reverses every edge.
 *
 * Every list of the answer is ascending. O(nodes + edges).
 *
 * @param targetCount - How many nodes the edges may point at.
 */
export function reverse(adjacency: Adjacency, targetCount: number): Adjacency {
  const starts = new Int32Array(targetCount + 1);
  for (const target of adjacency.targets) starts[target] = elementAt(starts, target) + 1;
  for (let node = 1; node <= targetCount; node += 1) {
    starts[node] = elementAt(starts, node) + elementAt(starts, node - 1);
  }
  // `starts` now holds where each list ends; filling from the back moves it to where the list begins.
  const targets = new Int32Array(adjacency.targets.length);
  for (let source = adjacency.starts.length - 2; source >= 0; source -= 1) {
    for (const target of neighboursOf(adjacency, source)) targets[countDown(starts, target)] = source;
  }
  return { starts, targets };
}
