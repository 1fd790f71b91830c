import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [make, write, look]
make:
  stage: make
  script: [mkdir -p dist, echo made > dist/made, echo left > leftover]
  artifacts: {paths: [dist]}
.alone:
  stage: write
  workspace: own
one:
  extends: .alone
  script:
    - test "$PWD" = "$LOOM_PROJECT_DIR"
    - echo one > same; sleep 0.2; test "$(cat same)" = one
    - cat dist/made; test ! -e leftover; git status --porcelain
    - mkdir out; cp same out/one
  artifacts: {paths: [out]}
two:
  extends: .alone
  script:
    - echo two > same; sleep 0.2; test "$(cat same)" = two
    - test ! -e leftover
sharing:
  stage: look
  script: [test ! -e same, test -e leftover, test "$(cat out/one)" = one]
`;

function repository(workflow: string): Project {
  const project = makeProject({ workflow });
  writeFileSync(join(project.root, "file"), "");
  const git = (...args: string[]): Buffer => execFileSync("git", args, { cwd: project.root });
  git("init", "-q", "-b", "main", ".");
  git("add", "-A");
  git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "First");
  return project;
}

test("jobs with workspaces of their own see nothing of each other but artifacts", () => {
  const project = repository(WORKFLOW);
  const { env } = snapshots();
  const run = project.loom(["run", "-j4"], env);
  expect(run.stdout + run.stderr).toContain("success");
  expect(run.exitCode).toBe(0);
  const { receipt, events } = project.lastRun();
  const places = ["one", "two"].map((job) =>
    events(`jobs/${job}/system/provider/events.jsonl`).find(
      (record) => record.event === "log" && "workspace" in record,
    ),
  );
  const [one, two] = places.map((record) => String((record as Record<string, unknown>)["workspace"]));
  expect(one).not.toBe(two);
  expect(readFileSync(join(one ?? "", "same"), "utf8")).toBe("one\n");
  expect(existsSync(join(receipt.snapshot_path ?? "", "same"))).toBe(false);
  expect(project.verdict()).toBe("valid");

  expect(project.loom(["clean"], env).exitCode).toBe(0);
  expect(existsSync(one ?? "")).toBe(false);
  expect(existsSync(dirname(receipt.snapshot_path ?? ""))).toBe(false);
});

test("a job gets the artifacts of its needs of which it wants them", () => {
  const project = repository(`version: v1
stages: [make, look]
make:
  stage: make
  matrix: [{OS: [linux, macos, bsd]}]
  script: ['mkdir -p out; echo made > "out/$OS"']
  workspace: own
  artifacts: {paths: [out]}
look:
  stage: look
  workspace: own
  needs:
    - {job: make, matrix: {OS: [linux]}}
    - {job: make, matrix: {OS: macos}, artifacts: false}
    - {job: licences, optional: true}
  script: [test "$(ls out)" = linux]
none: {stage: look, workspace: own, needs: [{job: make, artifacts: false}], script: [test ! -e out]}
`);
  const { env } = snapshots();
  const run = project.loom(["run"], env);
  expect(run.stdout + run.stderr).toContain("5 success");
  const { pipelineManifest } = project.lastRun();
  expect(pipelineManifest.jobs.find(({ job_id: id }) => id === "look")?.needs).toEqual([
    "make-linux",
    "make-macos",
  ]);
  expect(project.verdict()).toBe("valid");
});

test("a job of a run in place has a snapshot of its own, and messages name files of the checkout", () => {
  const project = repository(`version: v1
stages: [a]
own:
  stage: a
  workspace: own
  script:
    - touch made-by-own
    - 'echo "$PWD/file:3:1: error: no such thing" >&2; exit 1'
shared: {stage: a, script: [touch made-by-shared]}
`);
  const { env } = snapshots();
  const run = project.loom(["run"], { ...env, LOOM_IN_PLACE: "1" });
  expect(run.exitCode).toBe(1);
  expect(readdirSync(project.root).toSorted()).toEqual([".git", ".loom", "file", "made-by-shared"]);
  expect(project.lastRun().receipt.snapshot_path).toBeUndefined();
  expect(run.stdout).toContain("file:3:1: error: no such thing");
  const explained = project.loom(["explain", "--json"], env);
  expect(explained.stdout).toContain('"file:3:1: error: no such thing"');
  expect(explained.stdout).not.toContain("/.copies/");
});

test("each attempt of a job has its workspace anew", () => {
  const project = repository(`version: v1
stages: [a]
own: {stage: a, workspace: own, retry: 1, script: [test ! -e seen, touch seen, "false"]}
`);
  const { env } = snapshots();
  expect(project.loom(["run"], env).exitCode).toBe(1);
  expect(project.lastRun().jobManifest("own")).toMatchObject({ failing_step: 3 });
  expect(project.verdict()).toBe("valid");
});
