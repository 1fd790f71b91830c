import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "../src/index.ts";

test("formatDuration() leaves out what is zero", () => {
  assert.equal(formatDuration(5_400_000), "1h30m");
  assert.equal(formatDuration(3_600_007), "1h7ms");
});

test("formatDuration() has a word for nothing", () => {
  assert.equal(formatDuration(0), "0s");
});

test("formatDuration() writes what parseDuration() reads back", () => {
  for (let ms = 1; ms < 10_000_000_000; ms = ms * 3 + 1) {
    assert.equal(parseDuration(formatDuration(ms)), ms);
  }
});

test("formatDuration() refuses what is not a duration", () => {
  for (const ms of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => formatDuration(ms), RangeError);
  }
});
