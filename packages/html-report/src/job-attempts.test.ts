import { epochMs, jobId } from "@loom/core";
import { spanId, type RunSpan, type SpanUnit } from "@loom/record";
import { expect, test } from "vitest";
import { jobAttempts } from "./job-attempts.ts";

const UNIT = jobId("unit");

function span(unit: SpanUnit, from: number, to: number, status: RunSpan["status"] = "success"): RunSpan {
  return {
    id: spanId(unit),
    unit,
    seq: from,
    startedAtMs: epochMs(1000 + from),
    endedAtMs: epochMs(1000 + to),
    status,
  };
}

test("jobAttempts() ends each attempt where the next one begins, and the last with the job's own work", () => {
  const spans = [
    span({ kind: "section", jobId: UNIT, attempt: 1, section: "provider" }, 10, 12),
    span({ kind: "step", jobId: UNIT, attempt: 1, step: 1 }, 12, 40, "failed"),
    span({ kind: "section", jobId: UNIT, attempt: 2, section: "provider" }, 41, 42),
    span({ kind: "step", jobId: UNIT, attempt: 2, step: 1 }, 42, 70),
    span({ kind: "section", jobId: UNIT, attempt: 1, section: "cleanup" }, 70, 72),
    span({ kind: "job", jobId: UNIT }, 10, 72),
    span({ kind: "phase", phase: "pipeline.execute" }, 0, 80),
  ];
  expect(jobAttempts(spans).get(UNIT)).toStrictEqual([
    { attempt: 1, started_ms: 10, ended_ms: 41, status: "failed" },
    { attempt: 2, started_ms: 41, ended_ms: 72, status: "success" },
  ]);
});
