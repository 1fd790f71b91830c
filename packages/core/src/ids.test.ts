import { expect, test } from "vitest";
import { epochMs, runIdentity } from "./ids.ts";

test("epochMs() drops fractions of a millisecond", () => {
  expect(epochMs(1_700_000_000_000.9)).toBe(1_700_000_000_000);
});

test("runIdentity() names the run and its pipeline after the same nanosecond", () => {
  expect(runIdentity(1_700_000_000_000_000_001n)).toEqual({
    runId: "loom-run-local-1700000000000000001",
    pipelineId: "loom-local-1700000000000000001",
  });
});
