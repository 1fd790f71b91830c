import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

test("loom diff shows what differs between two runs, and the commits and files between them", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a, b]
unit: {stage: a, script: ["sh ./check.sh > out.txt"], artifacts: {paths: [out.txt], when: always}}
lint: {stage: a, script: ["true"]}
pack: {stage: b, script: ["true"]}
`,
  });
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: project.root });
  git("init", "-q");
  writeFileSync(join(project.root, ".gitignore"), ".loom/.runtime\nout.txt\n");
  writeFileSync(join(project.root, "check.sh"), "echo one\n");
  git("add", "-A");
  git("commit", "-qm", "First");
  project.loom(["run", "-q"]);
  writeFileSync(join(project.root, "check.sh"), "echo two; exit 3\n");
  git("commit", "-qam", "Break it");
  project.loom(["run", "-q"]);

  const { stdout, exitCode } = project.loom(["diff"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/1 commit, 1 file changed \(\+1 -1\):\n {2}[0-9a-f]+ Break it\nfiles: check\.sh\n/u);
  expect(stdout).toMatch(/\nunit {2}success → failed \(exit 3\)\n {2}artifacts differ: out\.txt\n/u);
  expect(stdout).toMatch(/\npack {2}success → skipped\n1 more job is as before\n$/u);
  expect(JSON.parse(project.loom(["diff", "last~1", "last", "--json"]).stdout)).toMatchObject({
    schema_version: "v1",
    kind: "loom-diff",
    commits_total: 1,
    files: ["check.sh"],
    jobs: [
      { job_id: "unit", before: { status: "success" }, after: { status: "failed", exit_code: 3 } },
      { job_id: "pack" },
    ],
    same: 1,
  });
  expect(project.loom(["diff", "last", "last"]).stdout).toMatch(/no job differs\n$/u);
  expect(project.loom(["diff", "last~9"])).toMatchObject({ exitCode: 2, stdout: "" });
});
