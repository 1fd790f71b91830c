import { epochMs, jobId, type PhaseStatus } from "@loom/core";
import type { RunSpan } from "@loom/record";
import { expect, test } from "vitest";
import { spanAttributes, spanName } from "./span-attributes.ts";

const FACTS = { runId: "loom-run-local-1", pipelineName: "project" };

function stepSpan(more: Partial<RunSpan> = {}): RunSpan {
  const unit = { kind: "step", jobId: jobId("unit"), attempt: 1, step: 2 } as const;
  const at = epochMs(1000);
  return { id: "jobs/unit/1/2", unit, seq: 1, startedAtMs: at, endedAtMs: at, status: "success", ...more };
}

test.each<[PhaseStatus | "running", string | undefined]>([
  ["success", "success"],
  ["failed", "failure"],
  ["skipped", "skip"],
  ["cancelled", "cancellation"],
  ["running", undefined],
])("spanAttributes() says of what is %s the result %s", (status, result) => {
  expect(spanAttributes(stepSpan({ status }), FACTS)["cicd.pipeline.task.run.result"]).toBe(result);
});

test("spanAttributes() says of a limit of time that it was one, and of every failure its kind", () => {
  const error = { code: "timeout", message: "Job timed out" };
  expect(spanAttributes(stepSpan({ status: "failed", error }), FACTS)).toMatchObject({
    "cicd.pipeline.task.run.result": "timeout",
    "error.type": "timeout",
  });
  expect(spanAttributes(stepSpan({ status: "failed" }), FACTS)).toMatchObject({ "error.type": "_OTHER" });
});

test("spanName() is one line, however a step is written", () => {
  expect(spanName(stepSpan(), FACTS)).toBe("step 2");
  expect(spanName(stepSpan({ command: "\nset -e\nmake", name: "Build" }), FACTS)).toBe("Build: set -e");
  expect(spanName(stepSpan({ command: "x".repeat(999) }), FACTS)).toHaveLength(200);
});
