import { epochMs } from "@loom/core";
import { expect, test } from "vitest";
import { fromWireTime, millisecondsBetween, wireTime } from "./wire-time.ts";

test("fromWireTime() reads what wireTime() writes, to the millisecond", () => {
  const moment = epochMs(1_772_865_600_123);
  expect(wireTime(moment)).toBe("2026-03-07T06:40:00.123Z");
  expect(fromWireTime(wireTime(moment))).toBe(moment);
  expect(fromWireTime("yesterday")).toBeNaN();
});

test("millisecondsBetween() is never negative and never NaN", () => {
  const [early, late] = [wireTime(epochMs(1000)), wireTime(epochMs(3500))];
  expect(millisecondsBetween(early, late)).toBe(2500);
  expect([millisecondsBetween(late, early), millisecondsBetween("?", late)]).toEqual([0, 0]);
});
