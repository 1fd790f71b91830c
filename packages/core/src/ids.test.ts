import { expect, test } from "vitest";
import { epochMs, identityOf, runIdentity, runNanoseconds } from "./ids.ts";

test("epochMs() drops fractions of a millisecond", () => {
  expect(epochMs(1_700_000_000_000.9)).toBe(1_700_000_000_000);
});

test("runIdentity() names the run and its pipeline after the same nanosecond", () => {
  expect(runIdentity(1_700_000_000_000_000_001n)).toEqual({
    runId: "loom-run-local-1700000000000000001",
    pipelineId: "loom-local-1700000000000000001",
  });
});

test("identityOf() gives the ids of a run that has a name, and nothing for any other name", () => {
  expect(identityOf("loom-run-local-7")).toEqual(runIdentity(7n));
  for (const name of [
    "loom-run-local-",
    "loom-run-local-7x",
    "last",
    "x/loom-run-local-7",
    `loom-run-local-${"9".repeat(21)}`,
  ])
    expect(identityOf(name)).toBeUndefined();
});

test.each([
  ["loom-run-local-17", 17n],
  ["loom-run-local-0", 0n],
  ["loom-run-local-12345678901234567890", 12_345_678_901_234_567_890n],
  ["loom-run-local-123456789012345678901", undefined],
  ["loom-run-local-", undefined],
  ["loom-run-local-1x", undefined],
  ["loom-run-local-x1", undefined],
  ["loom-run-local--1", undefined],
  ["loom-local-17", undefined],
  ["17", undefined],
])("runNanoseconds(%s) is %s", (name, ns) => {
  expect(runNanoseconds(name)).toBe(ns);
});
