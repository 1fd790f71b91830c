import { expect, test } from "vitest";
import { timeLeftText } from "./time-left-text.ts";

test.each([
  [undefined, ""],
  [0, "~1s left"],
  [900, "~1s left"],
  [2100, "~3s left"],
  [7200, "~8s left"],
  [31_000, "~35s left"],
  [61_000, "~1m10s left"],
  [120_000, "~2m left"],
  [700_000, "~12m left"],
])("timeLeftText() of %s ms is %s", (ms, text) => {
  expect(timeLeftText(ms, false)).toBe(text);
  expect(timeLeftText(ms, true)).toBe("finishing");
});
