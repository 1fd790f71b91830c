import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

describe("a run whose step removes the evidence", () => {
  test.each(["", "--stream", "--group", "-q", "--a11y"])(
    "fails, says what happened, and names nothing that is not there: %s",
    (flag) => {
      const project = makeProject({
        workflow: `version: v1
stages: [test, report]
clean: {stage: test, script: [rm -rf .loom/.runtime, echo after]}
report: {stage: report, when: always, script: [echo report]}
`,
      });
      const { exitCode, stdout, stderr } = project.loom(["run", "--no-tui", ...(flag === "" ? [] : [flag])]);
      expect(exitCode).toBe(1);
      expect(stdout + stderr).toMatch(/The evidence of this run was removed while it ran/u);
      const named = [...stdout.matchAll(/(?:^|\s)(\/?\S*\.loom\/\.runtime\/\S+\.jsonl?)/gmu)].map(
        ([, path]) => path ?? "",
      );
      expect(named.length).toBeGreaterThan(0);
      for (const path of named)
        expect({ path, there: existsSync(path.startsWith("/") ? path : join(project.root, path)) }).toEqual({
          path,
          there: true,
        });
      expect(project.lastRun().receipt).toMatchObject({ status: "failure", exit_code: 1 });
      expect(project.loom(["explain"]).stdout).toMatch(/was removed while it ran/u);
      rmSync(join(project.root, ".loom/.runtime"), { recursive: true });
    },
  );
});

test("a run whose receipts were removed while it ran, or after it was cut off, has its receipt in the end", () => {
  const project = makeProject({
    workflow: "version: v1\nstages: [a]\none: {stage: a, script: [rm -rf .loom/.runtime/receipts]}\n",
  });
  expect(project.loom(["run", "-q"]).exitCode).toBe(0);
  const { directory, receipt } = project.lastRun();
  expect(receipt.status).toBe("success");
  rmSync(join(project.root, ".loom/.runtime/receipts"), { recursive: true });
  rmSync(join(directory, "summary.json"));
  const recovered = project.loom(["recover", directory]);
  expect(recovered).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("completed (valid)") as string,
  });
  expect(project.lastRun().receipt.status).toBe("success");
});
