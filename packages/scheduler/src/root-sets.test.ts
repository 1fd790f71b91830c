import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import { RootSets, type RootSet } from "./root-sets.ts";

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

test("union() puts nothing together where the widest set holds all others, wherever it stands among them", () => {
  const sets = named();
  const [first, last] = [sets.of([1]), sets.of([7, 9])];
  // Made by hand, so that a set put together anew is another object.
  const wide: RootSet = { number: 0.5, jobs: [1, 4, 7, 9], ids: [] };
  expect(sets.union(new Set([last, wide, first]))).toBe(wide);
});

test("union() works out a combination once, whatever the order of its sets", () => {
  const sets = named();
  let reads = 0;
  const counted = (set: RootSet): RootSet => ({
    ...set,
    get jobs() {
      reads += 1;
      return set.jobs;
    },
  });
  const [a, b, c] = [counted(sets.of([1])), counted(sets.of([2])), counted(sets.of([3]))];
  const union = sets.union(new Set([a, b, c]));
  expect(reads).toBeGreaterThan(0);
  reads = 0;
  expect(sets.union(new Set([b, c, a]))).toBe(union);
  expect(sets.union(new Set([c, b, a]))).toBe(union);
  expect(reads).toBe(0);
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
