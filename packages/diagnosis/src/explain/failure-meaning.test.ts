import { describe, expect, test } from "vitest";
import { failureMeaning, type FailureFacts } from "./failure-meaning.ts";

const CASES: readonly (readonly [FailureFacts, string | undefined])[] = [
  [{ exitCode: 1 }, undefined],
  [{ exitCode: 2 }, undefined],
  [{ exitCode: 124 }, "timeout"],
  [{ exitCode: 126 }, "not_executable"],
  [{ exitCode: 127 }, "command_not_found"],
  [{ exitCode: 128 }, undefined],
  [{ exitCode: 130 }, "interrupted"],
  [{ exitCode: 134 }, "crashed"],
  [{ exitCode: 137 }, "killed"],
  [{ exitCode: 139 }, "crashed"],
  [{ exitCode: 141 }, "signal"],
  [{ exitCode: 143 }, "terminated"],
  [{ exitCode: 255 }, undefined],
  [{ signal: "SIGKILL" }, "killed"],
  [{ signal: "SIGUSR1" }, "signal"],
  [{ signal: "SIGTERM", errorCode: "timeout" }, "timeout"],
  [{ errorCode: "worker_lost", outputCodes: ["ENOSPC"] }, "worker_lost"],
  [{ exitCode: 1, outputCodes: [undefined, "ENOSPC"] }, "disk_full"],
  [{ exitCode: 134, outputCodes: ["out_of_memory"] }, "out_of_memory"],
  [{ exitCode: 127, outputCodes: ["bash_syntax"] }, "bash_syntax"],
  [{ exitCode: 2, outputCodes: ["syntax_error"] }, undefined],
];

describe("failureMeaning()", () => {
  test.each(CASES)("failureMeaning() reads %j as %s", (facts, code) => {
    expect(failureMeaning(facts)?.code).toBe(code);
  });
});
