import { jobId, SECTION_PHASES, type SectionName, type StreamRef } from "@loom/core";
import { expect, test } from "vitest";
import { splitJobPath, streamAt } from "./stream-at.ts";
import { executionStreamPath, stepDirectory, streamPath } from "./stream-path.ts";

const job = jobId("a b");
const SECTIONS = Object.keys(SECTION_PHASES) as SectionName[];

test.each<StreamRef>([
  { kind: "run" },
  { kind: "pipeline" },
  { kind: "job", jobId: job },
  { kind: "step", jobId: job, step: 1 },
  { kind: "step", jobId: job, step: 1000 },
  ...SECTIONS.map((section) => ({ kind: "section", jobId: job, section }) as const),
])("streamAt() finds %o where streamPath() puts it", (stream) => {
  expect(streamAt(streamPath(stream))).toEqual({ kind: "stream", stream });
});

test("streamAt() finds mirrors and replaced attempts", () => {
  expect(streamAt(executionStreamPath(job))).toEqual({ kind: "mirror", jobId: job });
  const stream = { kind: "step", jobId: job, step: 3 };
  for (const path of [
    `${stepDirectory(job, 3, 2)}events.jsonl`,
    "jobs/a b/attempts/2/script/03/events.jsonl",
  ])
    expect(streamAt(path)).toEqual({ kind: "stream", stream, attempt: 2 });
});

test.each([
  "",
  "x/events.jsonl",
  "jobs/a/script/00/events.jsonl",
  "jobs/a/script/1/events.jsonl",
  "jobs/a/system/toString/events.jsonl",
  "jobs/a/attempts/1234/events.jsonl",
  "jobs//events.jsonl",
  "jobs/a/artifacts/events.jsonl",
])("streamAt() finds no stream at %o", (path) => {
  expect(streamAt(path)).toBeUndefined();
});

test.each([
  ["jobs/a/summary.json", { jobId: "a", rest: "summary.json" }],
  ["jobs/a/attempts/2/x/y", { jobId: "a", rest: "x/y", attempt: 2 }],
  [
    "jobs/a/user/execution/attempts/10/script/01",
    { jobId: "a", rest: "user/execution/script/01", attempt: 10 },
  ],
  ["jobs/a/attempts/2", { jobId: "a", rest: "attempts/2" }],
  ["jobs/a/attempts/x/y", { jobId: "a", rest: "attempts/x/y" }],
  ["jobs/a/", undefined],
  ["jobs/a", undefined],
])("splitJobPath() takes %s apart", (path, parts) => {
  expect(splitJobPath(path)).toEqual(parts);
});
