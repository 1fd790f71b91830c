import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import { createPalette } from "../text/palette.ts";
import type { JobView } from "../view/run-view.ts";
import { BlockedJobs } from "./job-lines.ts";
import { textStyle } from "./text-style.ts";

function blocked(number: number): JobView {
  return {
    jobId: jobId(`job-${number}`),
    stage: "a",
    allowFailure: false,
    status: "skipped",
    reason: "stage_blocked",
    blockedBy: [],
    finishedAtMs: 0,
  };
}

test.each([
  [5, []],
  [6, ["blocked   … and 1 more job"]],
  [120, ["blocked   … and 115 more jobs"]],
])("BlockedJobs of %i jobs gives the first five lines, and counts the others", (count, more) => {
  const jobs = new BlockedJobs();
  const lines = Array.from({ length: count }, (_, index) => jobs.hasLine(blocked(index)));
  expect(lines.filter(Boolean)).toHaveLength(5);
  expect(jobs.more(textStyle(createPalette("none"), false))).toEqual(more);
});

test("BlockedJobs counts no job that ended otherwise", () => {
  const jobs = new BlockedJobs();
  const left: JobView = { ...blocked(1), status: "skipped", reason: "condition_not_met" } as JobView;
  for (let number = 0; number < 9; number += 1) expect(jobs.hasLine(left)).toBe(true);
  expect(jobs.more(textStyle(createPalette("none"), false))).toEqual([]);
});
