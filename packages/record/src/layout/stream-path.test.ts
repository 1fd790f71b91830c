import { describe, expect, test } from "vitest";
import { jobId } from "@loom/core";
import { executionStreamPath, stepDirectory, streamPath } from "./stream-path.ts";

const job = jobId("build");

describe("streamPath()", () => {
  test("streamPath() puts every kind of stream where the contract says", () => {
    expect([
      streamPath({ kind: "run" }),
      streamPath({ kind: "pipeline" }),
      streamPath({ kind: "job", jobId: job }),
      executionStreamPath(job),
      streamPath({ kind: "section", jobId: job, section: "image_build" }),
    ]).toStrictEqual([
      "events.jsonl",
      "pipeline/events.jsonl",
      "jobs/build/events.jsonl",
      "jobs/build/user/execution/events.jsonl",
      "jobs/build/system/image_build/events.jsonl",
    ]);
  });

  test("streamPath() numbers steps with two digits, and more where they are needed", () => {
    const paths = [1, 99, 100].map((step) => streamPath({ kind: "step", jobId: job, step }));
    expect(paths).toStrictEqual([
      "jobs/build/user/execution/script/01/events.jsonl",
      "jobs/build/user/execution/script/99/events.jsonl",
      "jobs/build/user/execution/script/100/events.jsonl",
    ]);
  });

  test("stepDirectory() names a replaced attempt", () => {
    expect(stepDirectory(job, 3, 1)).toBe("jobs/build/user/execution/attempts/1/script/03/");
  });
});
