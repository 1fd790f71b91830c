import { describe, expect, test } from "vitest";
import { RowHeights } from "./row-heights.ts";

describe("RowHeights", () => {
  test("at() finds the row of a place, and topOf() its place again", () => {
    const heights = new RowHeights(100_000, () => 20);
    expect(heights.total).toBe(2_000_000);
    expect([-5, 0, 19, 20, 1_999_999, 9e9].map((place) => heights.at(place))).toStrictEqual([
      0, 0, 0, 1, 99_999, 99_999,
    ]);
    expect(heights.topOf(heights.at(1234))).toBe(1220);
  });

  test("measure() moves the rows below, and says whether something moved", () => {
    const heights = new RowHeights(4, (row) => (row === 1 ? 40 : 20));
    expect(heights.total).toBe(100);
    expect([heights.measure(2, 60), heights.measure(2, 60.2), heights.measure(0, 20)]).toStrictEqual([
      true,
      false,
      false,
    ]);
    expect([0, 1, 2, 3, 4].map((row) => heights.topOf(row))).toStrictEqual([0, 20, 60, 120, 140]);
    expect(heights.measure(0, 30)).toBe(true);
    expect([heights.topOf(1), heights.at(129), heights.at(130), heights.total]).toStrictEqual([
      30, 2, 3, 150,
    ]);
  });

  test("a list without rows has no height", () => {
    const heights = new RowHeights(0, () => 20);
    expect([heights.total, heights.topOf(3), heights.measure(0, 20)]).toStrictEqual([0, 0, false]);
  });
});
