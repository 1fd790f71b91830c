import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import { RootSets } from "./root-sets.ts";

const named = (): RootSets => new RootSets((job) => jobId(`job-${job}`));

test("of() gives names in order of the job numbers, frozen", () => {
  const { ids } = named().of([10, 9, 2]);
  expect(ids).toEqual(["job-2", "job-9", "job-10"]);
  expect(Object.isFrozen(ids)).toBe(true);
});

test("of() and union() give the same object for the same set, however it came about", () => {
  const sets = named();
  const all = sets.of([1, 2, 3]);
  expect(sets.of([3, 1, 2])).toBe(all);
  expect(sets.union(new Set([sets.of([1, 2]), sets.of([2, 3])]))).toBe(all);
  expect(sets.union(new Set([sets.of([3]), sets.of([2, 1])]))).toBe(all);
});

test("union() gives the widest set itself where it holds all others", () => {
  const sets = named();
  const wide = sets.of([1, 4, 7, 9]);
  expect(sets.union(new Set([sets.of([9]), wide, sets.of([1, 7])]))).toBe(wide);
  expect(sets.union(new Set([wide]))).toBe(wide);
});

test("union() keeps apart sets that only look alike when written without commas", () => {
  const sets = named();
  expect(sets.of([1, 12]).ids).toEqual(["job-1", "job-12"]);
  expect(sets.of([11, 2]).ids).toEqual(["job-2", "job-11"]);
  expect(sets.union(new Set([sets.of([1]), sets.of([12]), sets.of([2])])).ids).toEqual([
    "job-1",
    "job-2",
    "job-12",
  ]);
});
