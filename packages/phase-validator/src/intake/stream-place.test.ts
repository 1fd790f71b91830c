import { expect, test } from "vitest";
import { jobOf, scopeOf, streamPlace } from "./stream-place.ts";

const unknown = { kind: "unknown" };

test.each([
  ["events.jsonl", { kind: "run" }, "run"],
  ["pipeline/events.jsonl", { kind: "pipeline" }, "pipeline"],
  ["jobs/a/events.jsonl", { kind: "job", jobId: "a" }, "job"],
  ["jobs/a/attempts/1/events.jsonl", { kind: "job", jobId: "a" }, "job"],
  ["jobs/a/user/execution/events.jsonl", { kind: "mirror", jobId: "a" }, "job"],
  ["jobs/a/user/execution/script/02/events.jsonl", { kind: "step", jobId: "a", step: 2 }, "step"],
  [
    "jobs/a/user/execution/attempts/1/script/123456/events.jsonl",
    { kind: "step", jobId: "a", step: 123456 },
    "step",
  ],
  ["jobs/a/script/10/events.jsonl", { kind: "step", jobId: "a", step: 10 }, "step"],
  ["jobs/a/system/provider/events.jsonl", { kind: "section", jobId: "a", section: "provider" }, "job"],
  [
    "jobs/a/attempts/12/system/cleanup/events.jsonl",
    { kind: "section", jobId: "a", section: "cleanup" },
    "job",
  ],
  ["jobs/a/script/00/events.jsonl", unknown, "run"],
  ["jobs/a/script/1/events.jsonl", unknown, "run"],
  ["jobs/a/script/1234567/events.jsonl", unknown, "run"],
  ["jobs/a/script/01/events.jsonl/x", unknown, "run"],
  ["jobs/a/x/script/01/events.jsonl", unknown, "run"],
  ["jobs/a/system/attic/events.jsonl", unknown, "run"],
  ["jobs/a/system/toString/events.jsonl", unknown, "run"],
  ["jobs/a/system/provider/events.jsonl/x", unknown, "run"],
  ["jobs/a/x/system/provider/events.jsonl", unknown, "run"],
  ["jobs/a/attempts/1234/events.jsonl", unknown, "run"],
  ["jobs/a/x/attempts/1/events.jsonl", unknown, "run"],
  ["x/jobs/a/events.jsonl", unknown, "run"],
  ["jobs/events.jsonl", unknown, "run"],
  ["jobs//events.jsonl", unknown, "run"],
  ["", unknown, "run"],
])("streamPlace() and scopeOf() place %s", (path, place, scope) => {
  expect(streamPlace(path)).toEqual(place);
  expect(scopeOf(streamPlace(path))).toBe(scope);
  expect(jobOf(streamPlace(path))).toBe("jobId" in place ? place.jobId : undefined);
});
