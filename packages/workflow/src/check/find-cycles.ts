/**
 * One cycle of every knot of a directed graph, each as the nodes in order, the
 * first one not repeated at the end.
 *
 * A knot is a largest set of nodes that all reach each other (Tarjan). Linear,
 * and with a stack of its own. A cycle starts at its knot's earliest node and is
 * as short as that allows; cycles come in the order of their first nodes.
 *
 * @param targets - The nodes that a node points at; names outside of `nodes`
 *   are ignored.
 */
export function findCycles(
  nodes: readonly string[],
  targets: (node: string) => readonly string[],
): string[][] {
  const position = new Map(nodes.map((node, index) => [node, index]));
  const edges = nodes.map((node) => targets(node).flatMap((target) => position.get(target) ?? []));
  return knots(edges)
    .map((knot) => ({ knot, start: knot.reduce((least, node) => Math.min(least, node)) }))
    .sort((a, b) => a.start - b.start)
    .map(({ knot, start }) => shortestCycle(start, edges, new Set(knot)).map((node) => nodes[node] ?? ""));
}

function knots(edges: readonly (readonly number[])[]): number[][] {
  const index = new Int32Array(edges.length).fill(-1);
  const low = new Int32Array(edges.length);
  const onStack = new Uint8Array(edges.length);
  const stack: number[] = [];
  const found: number[][] = [];
  let counter = 0;
  const enter = (node: number, work: { node: number; edge: number }[]): void => {
    index[node] = counter;
    low[node] = counter;
    counter += 1;
    stack.push(node);
    onStack[node] = 1;
    work.push({ node, edge: 0 });
  };
  for (let root = 0; root < edges.length; root += 1) {
    if (index[root] !== -1) continue;
    const work: { node: number; edge: number }[] = [];
    enter(root, work);
    for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
      const { node } = frame;
      const target = edges[node]?.[frame.edge];
      frame.edge += 1;
      if (target === undefined) {
        work.pop();
        const parent = work.at(-1)?.node;
        if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
        if (low[node] !== index[node]) continue;
        const knot = stack.splice(stack.lastIndexOf(node));
        for (const member of knot) onStack[member] = 0;
        if (knot.length > 1 || edges[node]?.includes(node) === true) found.push(knot);
      } else if (index[target] === -1) enter(target, work);
      else if (onStack[target] === 1) low[node] = Math.min(low[node] ?? 0, index[target] ?? 0);
    }
  }
  return found;
}

function shortestCycle(
  start: number,
  edges: readonly (readonly number[])[],
  inside: ReadonlySet<number>,
): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const target of edges[node] ?? []) {
      if (target === start) {
        const path = [node];
        for (let at = node; at !== start;) {
          at = cameFrom.get(at) ?? start;
          path.push(at);
        }
        return path.reverse();
      }
      if (inside.has(target) && !cameFrom.has(target)) {
        cameFrom.set(target, node);
        queue.push(target);
      }
    }
  }
  throw new Error("Cannot find a cycle in a knot");
}
