import { describe, expect, test } from "vitest";
import { MAX_DURATION_MS, parseDuration } from "./parse-duration.ts";

test("MAX_DURATION_MS is the longest that a Node timer waits for", () => {
  expect(MAX_DURATION_MS).toBe(2_147_483_647);
});

describe("parseDuration()", () => {
  test.each<[string | number, number | undefined]>([
    ["500ms", 500],
    ["90s", 90_000],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["12h", 43_200_000],
    ["1h2m3s4ms", 3_723_004],
    ["0s", 0],
    [1.5, 1500],
    [0, 0],
    ["1m500ms", 60_500],
    ["1s1s1h", undefined],
    ["30m1h", undefined],
    ["5", undefined],
    ["", undefined],
    ["1.5s", undefined],
    ["-1s", undefined],
    [-1, undefined],
    [Number.NaN, undefined],
  ])("reads %j as %j", (written, ms) => {
    expect(parseDuration(written)).toBe(ms);
  });
});
