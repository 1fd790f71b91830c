import { expect, test } from "vitest";
import { judgeRow } from "./judge-row.ts";
import type { Cost } from "./measure.ts";

/** Costs in the order in which they are asked for; the first one of each is the warm-up. */
function costs(...walls: readonly number[]): () => Promise<Cost> {
  const left = [...walls];
  return () => Promise.resolve({ wall: left.shift() ?? NaN, cpu: 1, rss: 2 });
}

const ROW = { id: "x", what: "a row", must: 3, reach: 2 };
const options = { folder: "/nowhere", rounds: 3 };

test("judgeRow() divides round by round, and leaves the warm-up out", async () => {
  const row = { ...ROW, compare: () => ({ loom: costs(99, 2, 4, 9), floor: costs(1, 1, 2, 3) }) };
  expect(await judgeRow(row, options)).toMatchObject([
    {
      result: { median: 2, low: 2, high: 2.5 },
      loom: 4,
      floor: 2,
      verdict: "reached",
    },
  ]);
});

test("judgeRow() takes differences, scales and other figures where a row says so", async () => {
  const beyond = {
    ...ROW,
    beyond: true,
    compare: () => ({ loom: costs(0, 5, 5, 5), floor: costs(0, 2, 2, 2) }),
  };
  expect(await judgeRow(beyond, options)).toMatchObject([{ result: { median: 3 }, verdict: "met" }]);
  const scaled = {
    ...ROW,
    scale: 0.5,
    compare: () => ({ loom: costs(0, 20, 20, 20), floor: costs(0, 2, 2, 2) }),
  };
  expect(await judgeRow(scaled, options)).toMatchObject([{ result: { median: 5 }, verdict: "missed" }]);
  const memory = { ...ROW, figure: "rss" as const, compare: () => ({ loom: costs(0, 0, 0, 0) }) };
  expect(await judgeRow(memory, options)).toMatchObject([{ result: { median: 2 }, loom: 2 }]);
  expect(await judgeRow({ ...ROW, value: () => 7 }, options)).toMatchObject([
    {
      result: { median: 7 },
      verdict: "missed",
    },
  ]);
});

test("judgeRow() judges several figures by the same runs", async () => {
  const also = [
    { ...ROW, id: "x cpu", figure: "cpu" as const },
    { ...ROW, id: "x rss", figure: "rss" as const, alone: true, scale: 10 },
  ];
  const row = { ...ROW, also, compare: () => ({ loom: costs(0, 6, 6, 6), floor: costs(0, 2, 2, 2) }) };
  expect(await judgeRow(row, options)).toMatchObject([
    { id: "x", result: { median: 3 } },
    { id: "x cpu", result: { median: 1 }, loom: 1, floor: 1 },
    { id: "x rss", result: { median: 20 }, loom: 2 },
  ]);
});
