import { expect, test } from "vitest";
import { isJobStatus, mayFollow } from "./job-transition.ts";

const STATUSES = ["pending", "ready", "running", "success", "failed", "skipped", "cancelled"] as const;

test("isJobStatus() knows the statuses of a job and no other word", () => {
  expect(STATUSES.every(isJobStatus)).toBe(true);
  expect(["", "idle", "toString", 7, undefined].some(isJobStatus)).toBe(false);
});

test("mayFollow() allows what the life of a job has", () => {
  const allowed = STATUSES.flatMap((from) =>
    STATUSES.filter((to) => mayFollow(from, to)).map((to) => `${from} ${to}`),
  );
  expect(allowed).toEqual([
    "pending ready",
    "pending running",
    "pending skipped",
    "pending cancelled",
    "ready running",
    "ready skipped",
    "ready cancelled",
    "running success",
    "running failed",
    "running cancelled",
  ]);
});
