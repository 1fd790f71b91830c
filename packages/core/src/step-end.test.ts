import { describe, expect, test } from "vitest";
import { errorCode } from "./error-code.ts";
import type { EventError } from "./event.ts";
import type { StepEnd } from "./job-result.ts";
import { jobId } from "./ids.ts";
import { exitCodeOf, processFields, stepEndOf, stepError, stepStatus } from "./step-end.ts";

const late: EventError = { code: "timeout", message: "Step 2 took longer than 5 s" };
const full: EventError = { code: "out_of_memory", message: "There was no memory left" };
const gone: EventError = { code: "worker_lost", message: "The machine does not answer" };
const noShell = { code: errorCode("spawn_failed"), message: "There is no shell" };

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
      "that a signal ended, whose provider knows why",
      { kind: "signaled", signal: "SIGKILL", error: full },
      "failed",
      { signal: "SIGKILL" },
      full,
    ],
    [
      "that took too long and was killed",
      { kind: "stopped", error: late, signal: "SIGKILL" },
      "failed",
      { signal: "SIGKILL" },
      late,
    ],
    [
      "that took too long and gave in",
      { kind: "stopped", error: late, exitCode: 0 },
      "failed",
      { exit_code: 0 },
      late,
    ],
    ["that never started", { kind: "not_started", error: noShell }, "failed", {}, noShell],
    ["whose worker was lost", { kind: "lost", error: gone }, "failed", {}, gone],
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
    expect(processFields(end)).toStrictEqual(fields);
    expect(exitCodeOf(end)).toBe("exit_code" in fields ? fields.exit_code : undefined);
    expect(stepError(2, end)).toStrictEqual(error);
  });
});

describe("stepEndOf()", () => {
  const plan = { jobId: jobId("build"), timeoutMs: 1500 };
  const error = { code: "timeout", message: "The job ran longer than its limit of 1.5 s" };
  const exited = { kind: "exited", exitCode: 0 } as const;
  const signaled = { kind: "signaled", signal: "SIGKILL" } as const;
  const unstarted = { kind: "not_started", error: noShell } as const;

  test("leaves the end of a step alone that nothing asked to stop", () => {
    expect([exited, signaled, unstarted].map((end) => stepEndOf(end, undefined, plan))).toStrictEqual([
      exited,
      signaled,
      unstarted,
    ]);
    expect(() => stepEndOf({ kind: "unknown" }, undefined, plan)).toThrow("Nobody asked");
  });

  test("takes any end after a cancel for cancelled, and keeps what the process ended with", () => {
    const ends = [exited, signaled, unstarted, { kind: "unknown" } as const];
    expect(ends.map((end) => stepEndOf(end, "cancel", plan))).toStrictEqual([
      { kind: "cancelled", exitCode: 0 },
      { kind: "cancelled", signal: "SIGKILL" },
      { kind: "cancelled" },
      { kind: "cancelled" },
    ]);
  });

  test("takes any end after the limit for timed out, whatever came between", () => {
    for (const stop of ["timeout", "timeout_then_cancel"] as const) {
      expect(stepEndOf(exited, stop, plan)).toStrictEqual({ kind: "stopped", error, exitCode: 0 });
      expect(stepEndOf(signaled, stop, plan)).toStrictEqual({ kind: "stopped", error, signal: "SIGKILL" });
    }
    expect(() => stepEndOf(exited, "timeout", { jobId: plan.jobId })).toThrow("has no limit");
  });

  test("takes any end after a request for stopped on request, whatever came between", () => {
    const cancelled = { code: "job_cancelled", message: "The job was cancelled on request" };
    for (const stop of ["request", "request_then_cancel"] as const)
      expect(stepEndOf(exited, stop, plan)).toStrictEqual({ kind: "stopped", error: cancelled, exitCode: 0 });
  });
});
