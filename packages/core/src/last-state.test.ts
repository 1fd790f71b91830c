import { describe, expect, test } from "vitest";
import { lastState, startOfLastState } from "./last-state.ts";

describe("lastState()", () => {
  test.each([
    ["", "", 0],
    ["plain", "plain", 0],
    ["windows\r", "windows", 0],
    ["10%\r20%\rdone", "done", 8],
    ["10%\r20%\r\r", "20%", 4],
    ["\r", "", 0],
    ["\r\r", "", 0],
    ["\r\r\rx", "x", 3],
  ])("%j is seen as %j, from %i on", (line, seen, from) => {
    expect(lastState(line)).toBe(seen);
    expect(startOfLastState(line)).toBe(from);
  });
});
