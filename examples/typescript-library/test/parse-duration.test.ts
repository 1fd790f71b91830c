import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "../src/index.ts";

test("parseDuration() adds the units up", () => {
  assert.equal(parseDuration("1h30m"), 5_400_000);
  assert.equal(parseDuration("2d4s7ms"), 172_804_007);
});

test("parseDuration() does not take the m of ms for minutes", () => {
  assert.equal(parseDuration("250ms"), 250);
});

for (const text of ["", "5", "5x", "-5s", "1.5h", "5s1m", "1m1m", " 5s"]) {
  test(`parseDuration() refuses ${JSON.stringify(text)}`, () => {
    assert.equal(parseDuration(text), undefined);
  });
}
