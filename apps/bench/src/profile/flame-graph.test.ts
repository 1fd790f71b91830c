import { expect, test } from "vitest";
import { flameGraph } from "./flame-graph.ts";

const node = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
});

const PROFILE = {
  nodes: [
    node(1, "(root)", "", [2, 3, 6, 7]),
    node(2, "(idle)", ""),
    node(3, "load", "node:internal/modules/esm/loader", [4]),
    node(4, "start<T>", "file:///loom/packages/engine/src/start.ts", [5]),
    node(5, "mkdir", ""),
    node(6, "start<T>", "file:///loom/packages/engine/src/start.ts", [8]),
    node(7, "(garbage collector)", ""),
    node(8, "mkdir", ""),
  ],
  samples: [2, 3, 4, 5, 7, 8],
  timeDeltas: [900, 50, 20, 40, 20, 20],
};

test("flameGraph() draws each function as wide as its time with what it called, without waiting and loading", () => {
  const drawn = flameGraph(PROFILE, "A run & more");
  const tips = [...drawn.matchAll(/<g><title>(.*?)<\/title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)];
  expect(tips.map(([, tip, x, y, width]) => [tip, Number(x), Number(y), Number(width)])).toEqual([
    ["start&lt;T> · packages/engine/src/start.ts · 80.0 %", 0, 44, 959.5],
    ["mkdir · 60.0 %", 0, 61, 719.5],
    ["(garbage collector) · 20.0 %", 960, 44, 239.5],
  ]);
  expect(drawn).toContain('<text x="4" y="14" font-weight="bold">A run &amp; more</text>');
});

test("flameGraph() of nothing is an empty drawing", () => {
  expect(flameGraph({ nodes: [], samples: [], timeDeltas: [] }, "none")).not.toContain("<g><title>");
});
