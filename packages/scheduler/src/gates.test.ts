import { expect, test } from "vitest";
import { planOf } from "../test/plan-of.ts";
import { Gates } from "./gates.ts";
import { planGraph } from "./plan-graph.ts";

test("settle() opens nothing when the last job of a later stage settles before its gates open", () => {
  const gates = new Gates(planGraph(planOf({ build: { stage: "build" }, test: { stage: "test" } })));
  expect(gates.settle(1)).toEqual([]);
  expect(gates.areOpen(1)).toBe(false);
});

test("settle() opens nothing when the last job of all settles", () => {
  const gates = new Gates(planGraph(planOf({ build: {} })));
  expect(gates.settle(0)).toEqual([]);
});
