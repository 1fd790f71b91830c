import { describe, expect, test } from "vitest";
import { lastState } from "./last-state.ts";

describe("lastState()", () => {
  test.each([
    ["", ""],
    ["plain", "plain"],
    ["windows\r", "windows"],
    ["10%\r20%\rdone", "done"],
    ["10%\r20%\r\r", "20%"],
    ["\r", ""],
    ["\r\r\rx", "x"],
  ])("%j is seen as %j", (line, seen) => {
    expect(lastState(line)).toBe(seen);
  });
});
