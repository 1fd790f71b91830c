import { describe, expect, test } from "vitest";
import type { StepEnd } from "./job-result.ts";
import { exitCodeOf, processFields, stepError, stepStatus } from "./step-end.ts";

const late = { code: "timeout", message: "Step 2 took longer than 5 s" };
const noShell = { code: "spawn_failed", message: "There is no shell" };

describe("what a record says of a step", () => {
  test.each<[string, StepEnd, ReturnType<typeof stepStatus>, object, object | undefined]>([
    ["that exited with 0", { kind: "exited", exitCode: 0 }, "success", { exit_code: 0 }, undefined],
    [
      "that exited with 3",
      { kind: "exited", exitCode: 3 },
      "failed",
      { exit_code: 3 },
      { code: "exit_code", message: "Step 2 exited with code 3" },
    ],
    [
      "that a signal ended",
      { kind: "signaled", signal: "SIGSEGV" },
      "failed",
      { signal: "SIGSEGV" },
      { code: "signal", message: "Step 2 was ended by SIGSEGV" },
    ],
    [
      "that took too long and was killed",
      { kind: "timed_out", error: late, signal: "SIGKILL" },
      "failed",
      { signal: "SIGKILL" },
      late,
    ],
    [
      "that took too long and gave in",
      { kind: "timed_out", error: late, exitCode: 0 },
      "failed",
      { exit_code: 0 },
      late,
    ],
    ["that never started", { kind: "not_started", error: noShell }, "failed", {}, noShell],
    [
      "that was cancelled",
      { kind: "cancelled", exitCode: 143, signal: "SIGTERM" },
      "cancelled",
      { exit_code: 143, signal: "SIGTERM" },
      undefined,
    ],
    ["that was cancelled before it began", { kind: "cancelled" }, "cancelled", {}, undefined],
  ])("%s", (_, end, status, fields, error) => {
    expect(stepStatus(end)).toBe(status);
    expect(processFields(end)).toEqual(fields);
    expect(exitCodeOf(end)).toBe("exit_code" in fields ? fields.exit_code : undefined);
    expect(stepError(2, end)).toEqual(error);
  });
});
