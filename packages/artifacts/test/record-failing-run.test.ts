import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { recordFailingRun } from "./record-failing-run.ts";
import { rulesBrokenIn } from "./rules-broken-in.ts";

test("recordFailingRun() leaves a run that keeps the lifecycle contract", () => {
  const { directory } = recordFailingRun(temporaryDirectory(), 7n);
  expect(rulesBrokenIn(directory)).toStrictEqual([]);
});
