import { expect, test } from "vitest";
import { SeqRanges } from "./seq-ranges.ts";

test("SeqRanges finds what is missing, in whatever order the streams were read", () => {
  const ranges = new SeqRanges();
  for (const seq of [4, 5, 9, 1, 2, 12]) ranges.add(seq);
  expect(ranges.last).toBe(12);
  expect(ranges.gaps()).toEqual([
    [3, 3],
    [6, 8],
    [10, 11],
  ]);
  const falling = new SeqRanges();
  for (const seq of [7, 6, 2]) falling.add(seq);
  expect(falling.last).toBe(7);
  expect(falling.gaps()).toEqual([
    [1, 1],
    [3, 5],
  ]);
  expect(new SeqRanges().gaps()).toEqual([]);
});
