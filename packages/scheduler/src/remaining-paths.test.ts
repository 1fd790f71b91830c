import { expect, test } from "vitest";
import { planOf } from "../test/plan-of.ts";
import { remainingPaths } from "./remaining-paths.ts";

test("remainingPaths() counts the jobs on the longest way to the end, through needs and stage gates", () => {
  const plan = planOf(
    {
      build: { stage: "build" },
      docs: { stage: "build", needs: ["build"] },
      lint: { stage: "build" },
      test: { stage: "test", needs: ["build"] },
      report: { stage: "test", needs: ["test"] },
    },
    { stages: ["build", "empty", "test", "after"] },
  );
  expect(Object.fromEntries(remainingPaths(plan))).toEqual({
    build: 4,
    docs: 3,
    lint: 3,
    test: 2,
    report: 1,
  });
});

test("remainingPaths() adds up the weights, 1 for a job without one", () => {
  const plan = planOf(
    {
      build: { stage: "build" },
      slow: { stage: "test" },
      quick: { stage: "test" },
      report: { stage: "test", needs: ["quick"] },
    },
    { weights: { build: 200, slow: 5_000, quick: 30 } },
  );
  expect(Object.fromEntries(remainingPaths(plan))).toEqual({
    build: 5_200,
    slow: 5_000,
    quick: 31,
    report: 1,
  });
});

test("remainingPaths() answers in declaration order, whatever the order of stages", () => {
  const plan = planOf({ last: { stage: "two" }, first: { stage: "one" } }, { stages: ["one", "two"] });
  expect([...remainingPaths(plan)]).toEqual([
    ["last", 1],
    ["first", 2],
  ]);
});
