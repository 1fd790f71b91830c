import { expect, test } from "vitest";
import { isMirrorable } from "./is-mirrorable.ts";

test.each([
  [{ event: "phase_start", phase_code: "step.script" }, true],
  [{ event: "phase_finish", phase_code: "step.script" }, true],
  [{ event: "phase_start", phase_code: "job.execution" }, true],
  [{ event: "phase_finish", phase_code: "job.execution" }, true],
  [{ event: "phase_start", phase_code: "job.execution", section: "provider" }, false],
  [{ event: "phase_start", phase_code: "job.cleanup" }, false],
  [{ event: "log", phase_code: "step.script" }, false],
  [{ event: "output", stream: "stdout" }, false],
])("isMirrorable() says of %j: %s", (record, is) => {
  expect(isMirrorable(record)).toBe(is);
});
