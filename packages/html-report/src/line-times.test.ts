import { expect, test } from "vitest";
import { packTimes, unpackTimes } from "./line-times.ts";

const NOON = Date.parse("2026-01-01T12:00:00.000Z");

test("packTimes() writes the first time, then only what differs from the line before", () => {
  expect(packTimes([NOON, NOON, NOON + 5, NOON + 5, NOON + 3])).toBe(`${NOON},,5,,-2`);
});

test("unpackTimes() reads what packTimes() wrote, and a time that is not known is that of the line before", () => {
  const times = [NOON, NOON, Number.NaN, NOON + 86_400_000, NOON + 86_399_999];
  expect([...unpackTimes(packTimes(times))]).toStrictEqual([
    times[0],
    times[1],
    times[1],
    times[3],
    times[4],
  ]);
  expect([...unpackTimes(packTimes([NOON]))]).toStrictEqual([NOON]);
});
