import { expect, test } from "vitest";
import { unitTitle } from "./unit-label.ts";

test.each([
  [{ kind: "step", step: 2, command: "\n  make lint  \nmake more" }, "02 make lint"],
  [{ kind: "step", step: 2, command: "make lint", name: "Lints" }, "02 Lints: make lint"],
  [{ kind: "step", step: 2, command: "make", name: "a\u001B[2Jb\nc" }, "02 ab␊c: make"],
  [{ kind: "step", step: 12 }, "step 12"],
  [{ kind: "section", section: "cache_save" }, "cache_save"],
  [{ kind: "phase", phase: "job.execution" }, "job.execution"],
] as const)("unitTitle() of %j", (unit, title) => {
  expect(unitTitle(unit)).toBe(title);
});
