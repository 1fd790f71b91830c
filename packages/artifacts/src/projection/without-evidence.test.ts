import { jobId, type EventError, type RunResult } from "@loom/core";
import { expect, test } from "vitest";
import { withoutEvidence } from "./without-evidence.ts";

const UNWRITTEN: EventError = { code: "ARTIFACTS_WRITE_FAILED", message: "The disk is full" };

test("withoutEvidence() makes a failure of a success", () => {
  const outcome: RunResult = { status: "success", exitCode: 0, failedJobIds: [] };
  expect(withoutEvidence(outcome, UNWRITTEN)).toStrictEqual({
    status: "failure",
    exitCode: 1,
    error: UNWRITTEN,
    failedJobIds: [],
  });
});

test.each<RunResult>([
  {
    status: "failure",
    exitCode: 1,
    error: { code: "exit_code", message: "Step 1 exited with code 3" },
    failedJobIds: [jobId("unit")],
  },
  {
    status: "cancelled",
    exitCode: 130,
    error: { code: "cancelled", message: "Stopped" },
    failedJobIds: [],
  },
])("withoutEvidence() leaves a run alone that is a $status already", (outcome) => {
  expect(withoutEvidence(outcome, UNWRITTEN)).toBe(outcome);
});
