import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCycles } from "./find-cycles.ts";

const cyclesOf = (edges: { readonly [node: string]: readonly string[] }): string[][] =>
  findCycles(Object.keys(edges), (node) => edges[node] ?? []);

describe("findCycles()", () => {
  test("finds none in a graph without", () => {
    expect(cyclesOf({ a: ["b", "c"], b: ["c"], c: [], d: ["unknown"] })).toEqual([]);
  });

  test("finds one cycle of every knot, in order", () => {
    expect(
      cyclesOf({ a: ["b"], b: ["c"], c: ["b", "d"], d: ["c"], e: ["e"], f: ["a", "g"], g: ["f"] }),
    ).toEqual([["b", "c"], ["e"], ["f", "g"]]);
  });

  test("prefers a short way round", () => {
    expect(cyclesOf({ a: ["b", "d"], b: ["c"], c: ["a"], d: ["a"] })).toEqual([["a", "d"]]);
  });

  test("takes a circle of 100,000 nodes without running out of stack", () => {
    const nodes = Array.from({ length: 100_000 }, (_, index) => String(index));
    const [cycle] = findCycles(nodes, (node) => [String((Number(node) + 1) % nodes.length)]);
    expect(cycle).toEqual(nodes);
  });

  test("finds a cycle exactly when there is one, and only real ones", () => {
    const names = ["a", "b", "c", "d", "e", "f"] as const;
    const graph = fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray([...names])])));
    fc.assert(
      fc.property(graph, (edges) => {
        const cycles = cyclesOf(edges);
        for (const cycle of cycles) {
          for (const [index, node] of cycle.entries()) {
            expect(edges[node]).toContain(cycle[(index + 1) % cycle.length]);
          }
        }
        expect(cycles.length > 0).toBe(hasCycle(edges));
      }),
    );
  });
});

/** Whether something is left after taking away, again and again, what points at nothing that is left. */
function hasCycle(edges: { readonly [node: string]: readonly string[] }): boolean {
  const left = new Set(Object.keys(edges));
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const node of left) if (!(edges[node] ?? []).some((target) => left.has(target))) left.delete(node);
  }
  return left.size > 0;
}
