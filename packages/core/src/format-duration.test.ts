import { expect, test } from "vitest";
import {
  formatClock,
  formatDuration,
  formatSpan,
  spokenDuration,
  writtenDuration,
} from "./format-duration.ts";
import { parseDuration } from "./parse-duration.ts";

test.each([
  [-5, "0ms"],
  [342, "342ms"],
  [999, "999ms"],
  [1000, "1.0s"],
  [3149, "3.1s"],
  [9949, "9.9s"],
  [9950, "0:09"],
  [10_000, "0:10"],
  [59_999, "0:59"],
  [72_000, "1:12"],
  [3_600_000, "1:00:00"],
  [3_723_000, "1:02:03"],
])("formatDuration(%i) is %s", (durationMs, expected) => {
  expect(formatDuration(durationMs)).toBe(expected);
});

test("formatClock() shows whole seconds from the start", () => {
  expect([0, 999, 1000].map(formatClock)).toEqual(["0:00", "0:00", "0:01"]);
});

test.each([
  [-5, "0 ms", "0 seconds", "0s"],
  [340, "340 ms", "0 seconds", "1s"],
  [1000, "1.0 s", "1 second", "1s"],
  [2449, "2.4 s", "2 seconds", "3s"],
  [10_000, "10 s", "10 seconds", "10s"],
  [42_000, "42 s", "42 seconds", "42s"],
  [60_000, "1 min", "1 minute", "1m"],
  [65_000, "1 min 5 s", "1 minute 5 seconds", "1m05s"],
  [3_600_000, "1 h", "1 hour", "1h"],
  [7_380_000, "2 h 3 min", "2 hours 3 minutes", "2h03m"],
])("%i ms is in prose %j, spoken %j and written %j", (durationMs, prose, spoken, written) => {
  expect(formatSpan(durationMs)).toBe(prose);
  expect(spokenDuration(durationMs)).toBe(spoken);
  expect(writtenDuration(durationMs)).toBe(written);
  expect(parseDuration(written)).toBeGreaterThanOrEqual(durationMs);
});
