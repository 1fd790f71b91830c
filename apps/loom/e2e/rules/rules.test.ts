import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [check, deploy]
variables: {AREA: none}
source: {stage: check, rules: [{changes: [src/**]}], script: [echo source]}
docs: {stage: check, rules: [{changes: [docs], variables: {AREA: docs}}], script: ['echo "area $AREA"']}
go: {stage: check, rules: [{exists: [go.mod]}], script: [echo go]}
node: {stage: check, rules: [{exists: [package.json], allow_failure: true}], script: [exit 3]}
main: {stage: check, rules: [{if: '$CI_COMMIT_BRANCH == "main"', when: never}, {when: always}], script: [echo not on main]}
deploy: {stage: deploy, when: manual, script: [echo deployed]}
after: {stage: deploy, needs: [deploy], script: [echo after]}
`;

function git(project: Project, ...args: readonly string[]): string {
  const identity = [
    "-c",
    "user.name=Ann",
    "-c",
    "user.email=ann@example.org",
    "-c",
    "init.defaultBranch=main",
  ];
  return execFileSync("git", [...identity, ...args], { cwd: project.root, encoding: "utf8" }).trim();
}

/** A repository with two commits on main, of which the second has changed src. */
function repository(): Project {
  const project = makeProject({ workflow: WORKFLOW });
  for (const folder of ["src", "docs"]) mkdirSync(join(project.root, folder));
  writeFileSync(join(project.root, "package.json"), "{}");
  writeFileSync(join(project.root, "docs/a.md"), "one");
  git(project, "init", "-q");
  git(project, "add", ".");
  git(project, "commit", "-qm", "one");
  writeFileSync(join(project.root, "src/a.ts"), "two");
  git(project, "add", ".");
  git(project, "commit", "-qm", "two");
  return project;
}

/** How each job of the last run ended: its status, or why it was skipped. */
function ends(project: Project): Readonly<Record<string, string>> {
  const { pipelineManifest } = project.lastRun();
  return Object.fromEntries(pipelineManifest.jobs.map((job) => [job.job_id, job.skip_reason ?? job.status]));
}

test("rules of jobs decide by what changed, what is there and conditions which of them take place, and how", () => {
  const project = repository();
  const ran = project.loom(["run", "--stream"]);
  expect(ran.exitCode).toBe(0);
  expect(ends(project)).toEqual({
    source: "success",
    docs: "condition_not_met",
    go: "condition_not_met",
    node: "failed",
    main: "condition_not_met",
    deploy: "manual",
    after: "manual",
  });
  const { receipt } = project.lastRun();
  expect(receipt.changes_base).toEqual({
    name: "the previous commit",
    sha: git(project, "rev-parse", "HEAD^"),
  });
  expect(project.verdict()).toBe("valid");
});

test("what is new or changed in the checkout counts, and so does another base", () => {
  const project = repository();
  mkdirSync(join(project.root, "docs/new"));
  writeFileSync(join(project.root, "docs/new/b.md"), "new");
  const { env } = snapshots();
  const ran = project.loom(["run", "--stream", "--base", "HEAD"], env);
  expect(ran.stdout).toMatch(/docs *│ area docs/u);
  expect(ends(project)).toMatchObject({ source: "condition_not_met", docs: "success" });
  expect(project.lastRun().receipt.changes_base).toMatchObject({ name: "HEAD" });
  git(project, "checkout", "-qb", "topic");
  expect(project.loom(["run", "-q"], env).exitCode).toBe(0);
  expect(ends(project)).toMatchObject({ source: "success", docs: "success", main: "success" });
  expect(project.loom(["run"], env).stdout).toMatch(
    /skipped +go +no rule of it applies|skipped +go +its condition does not hold/u,
  );
});

test("a base that is not there fails the run in words", () => {
  const project = repository();
  for (const base of ["no-such", "--help"]) {
    const { exitCode, stdout } = project.loom(["run", `--base=${base}`]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`Cannot compare with "${base}": git finds no such commit`);
    expect(project.verdict()).toBe("valid");
  }
});

test("outside a repository every file counts as changed", () => {
  const project = makeProject({ workflow: WORKFLOW });
  expect(project.loom(["run", "-q"]).exitCode).toBe(0);
  expect(ends(project)).toMatchObject({ source: "success", docs: "success", go: "condition_not_met" });
});

test("a manual job runs when it is asked for, and then what needs it", () => {
  const project = repository();
  const played = project.loom(["run", "--stream", "--play", "deploy"]);
  expect(played.stdout).toMatch(/deploy *│ deployed/u);
  expect(ends(project)).toMatchObject({ source: "success", deploy: "success", after: "success" });
  project.loom(["run", "-q", "--job", "after"]);
  expect(ends(project)).toMatchObject({ source: "not_selected", deploy: "success", after: "success" });
  expect(project.verdict()).toBe("valid");
  expect(project.loom(["run", "--play", "deplo"])).toMatchObject({ exitCode: 2 });
  const plan = project.loom(["run", "--dry-run"]).stdout;
  expect(plan).toMatch(/- deploy +\(runs only when asked for/u);
  expect(plan).toMatch(/- go +\(no rule of it applies/u);
});

test("a job with gate: needs does not wait for earlier stages, and is not blocked by them", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [build, test, deploy]
compile: {stage: build, script: ["true"]}
docs: {stage: build, script: ["while [ ! -e tested ]; do sleep 0.05; done; exit 3"]}
unit: {stage: test, needs: [compile], gate: needs, script: [touch tested]}
deploy: {stage: deploy, script: ["true"]}
`,
  });
  expect(project.loom(["run", "-q", "-j", "2", "--in-place"]).exitCode).toBe(1);
  expect(ends(project)).toMatchObject({ docs: "failed", unit: "success", deploy: "stage_blocked" });
  expect(project.verdict()).toBe("valid");
  expect(project.loom(["explain", "--job", "unit"]).stdout).not.toContain("docs");
});
