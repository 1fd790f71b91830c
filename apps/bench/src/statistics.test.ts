import { expect, test } from "vitest";
import { spreadOf } from "./statistics.ts";

test("spreadOf() has the median and the middle half, whatever the order", () => {
  expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
  expect(spreadOf([1, 2])).toEqual({ median: 1.5, low: 1.25, high: 1.75 });
  expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7 });
});

test("spreadOf() refuses nothing at all", () => {
  expect(() => spreadOf([])).toThrow("nothing");
});
