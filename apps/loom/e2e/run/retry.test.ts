import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeProject, snapshots } from "../project.ts";

const WORKFLOW = `version: v1
stages: [build, test]
compile: {stage: build, script: ["mkdir out && echo built > out/it"]}
unit: {stage: test, script: ["cat out/it", "test -e $DONE"]}
`;

test("loom run --retry-failed runs what failed in the last run, in its snapshot, and keeps the rest", () => {
  const { env } = snapshots();
  const project = makeProject({ workflow: WORKFLOW });
  const done = `${project.root}.done`;
  onTestFinished(() => rmSync(done, { force: true }));
  const loom = (...args: string[]) => project.loom(args, { ...env, DONE: done });
  expect(loom("run", "--retry-failed")).toMatchObject({
    exitCode: 2,
    stderr: "loom: There are no runs here yet; loom run makes one\n",
  });
  const first = loom("run");
  expect(first.exitCode).toBe(1);
  expect(first.stdout).toContain("\nexplain:  loom explain\nretry:    loom run --retry-failed\nreceipt: ");
  expect(loom("run", "--retry-failed", "--dry-run").stdout).toMatch(
    /compile .*keeps its success in loom-run-local-/u,
  );
  writeFileSync(done, "");
  const second = loom("run", "--retry-failed");
  expect(second.stdout).toMatch(/success {2}1 success, 1 kept/u);
  expect(second.exitCode).toBe(0);
  expect(loom("show", "last").stdout).toMatch(/compile {2}kept .*success in loom-run-local-/u);
  expect(loom("verify", "last").exitCode).toBe(0);
  expect(loom("explain", "last", "--job", "compile").stdout).toContain("its result was kept");
  expect(loom("diff", "last~1", "last").stdout).not.toContain("compile");
  const third = loom("run", "--retry-failed");
  expect(third).toMatchObject({ exitCode: 0, stdout: "" });
  expect(third.stderr).toContain("loom: Nothing is to be retried: every job of loom-run-local-");
  writeFileSync(join(project.root, "new.txt"), "");
  const refused = loom("run", "--retry-failed", "last~1");
  expect(refused.stderr).toContain("files have changed since");
  expect(refused.exitCode).toBe(2);
});

test.each(["--watch", "--cache-diff"])("loom run --retry-failed is not combined with %s", (flag) => {
  const refused = makeProject({ workflow: WORKFLOW }).loom(["run", "--retry-failed", flag]);
  expect(refused.stderr).toContain(`Cannot combine ${flag} and --retry-failed`);
  expect(refused.exitCode).toBe(2);
});
