import { expect, test } from "vitest";
import { formatClock, formatDuration } from "./format-duration.ts";

test.each([
  [-5, "0ms"],
  [342, "342ms"],
  [999, "999ms"],
  [1000, "0:01"],
  [59_999, "0:59"],
  [72_000, "1:12"],
  [3_723_000, "1:02:03"],
])("formatDuration(%i) is %s", (durationMs, expected) => {
  expect(formatDuration(durationMs)).toBe(expected);
});

test("formatClock() shows whole seconds from the start", () => {
  expect([0, 999, 1000].map(formatClock)).toEqual(["0:00", "0:00", "0:01"]);
});
