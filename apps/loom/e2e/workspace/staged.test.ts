import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOOM, makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a]
look:
  stage: a
  script:
    - cat file; ls
    - test ! -e untracked
    - '! grep broken file'
`;

const IDENTITY = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];

function git(project: Project, ...args: string[]): string {
  return execFileSync("git", [...IDENTITY, ...args], { cwd: project.root, encoding: "utf8" });
}

/** A repository whose pre-commit hook runs loom on what is staged. */
function hooked(workflow = WORKFLOW): {
  readonly project: Project;
  readonly commit: (...args: string[]) => number | null;
} {
  const project = makeProject({ workflow });
  const { env } = snapshots();
  writeFileSync(join(project.root, "file"), "first\n");
  git(project, "init", "-q", "-b", "main", ".");
  git(project, "add", "-A");
  git(project, "commit", "-qm", "First");
  mkdirSync(join(project.root, ".git/hooks"), { recursive: true });
  const run = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(LOOM)} run --staged -q`;
  writeFileSync(join(project.root, ".git/hooks/pre-commit"), `#!/bin/sh\n${run}\n`, { mode: 0o755 });
  // That the checkout itself is asked for by the variable does not count beside the flag.
  const io = { ...process.env, ...env, LOOM_IN_PLACE: "1" };
  const commit = (...args: string[]): number | null =>
    spawnSync("git", [...IDENTITY, "commit", "-q", ...args], {
      cwd: project.root,
      env: io,
      encoding: "utf8",
    }).status;
  return { project, commit };
}

test("loom run --staged judges in a pre-commit hook what the commit would have", () => {
  const { project, commit } = hooked();
  const write = (text: string): void => writeFileSync(join(project.root, "file"), text);
  write("staged\n");
  git(project, "add", "file");
  write("broken on disk only\n");
  writeFileSync(join(project.root, "untracked"), "");

  expect(commit("-m", "What is staged")).toBe(0);
  expect(git(project, "show", "HEAD:file")).toBe("staged\n");
  expect(readFileSync(join(project.root, "file"), "utf8")).toBe("broken on disk only\n");
  const { receipt } = project.lastRun();
  expect(receipt).toMatchObject({ status: "success", snapshot_of: "staged" });
  expect(readFileSync(join(receipt.snapshot_path ?? "", "file"), "utf8")).toBe("staged\n");

  const after = readFileSync(join(project.root, ".git/index"));
  expect(commit("-am", "All that is changed")).not.toBe(0);
  expect(commit("-m", "One file", "file")).not.toBe(0);
  expect(git(project, "log", "-1", "--format=%s")).toBe("What is staged\n");
  expect(readFileSync(join(project.root, ".git/index"))).toStrictEqual(after);
});

test("loom run --staged reads the workflow as it is staged", () => {
  const { project, commit } = hooked();
  const path = join(project.root, ".loom/workflow.yml");
  writeFileSync(path, WORKFLOW.replace("look:", "staged-name:"));
  git(project, "add", ".loom");
  writeFileSync(path, "not a workflow\n");
  expect(commit("-m", "Another name")).toBe(0);
  expect(project.lastRun().pipelineManifest.jobs.map(({ job_id: id }) => id)).toEqual(["staged-name"]);

  const { env } = snapshots();
  const unknown = project.loom(["run", "--staged", "--job", "look"], env);
  expect(unknown.exitCode).not.toBe(0);
  expect(`${unknown.stdout}${unknown.stderr}`).toContain(
    'Cannot run job "look": the workflow has no such job',
  );

  git(project, "rm", "-q", "--cached", ".loom/workflow.yml");
  writeFileSync(path, WORKFLOW);
  expect(project.loom(["run", "--staged", "-q"], env).exitCode).toBe(0);
  expect(project.lastRun().events("events.jsonl")).toContainEqual(
    expect.objectContaining({
      level: "warn",
      message: 'The workflow ".loom/workflow.yml" is not staged: the one in the checkout is used',
    }),
  );
});

test("loom run --staged is wrong use with --in-place, and fails where there is no git", () => {
  const project = makeProject({ workflow: WORKFLOW });
  const { env } = snapshots();
  const both = project.loom(["run", "--staged", "--in-place"], env);
  expect(both).toMatchObject({
    exitCode: 2,
    stderr:
      "loom: Cannot run with both --staged and --in-place: what is staged can differ from what is in the checkout. Leave out one of them\n",
  });
  const plain = project.loom(["run", "--staged"], env);
  expect(plain.exitCode).toBe(1);
  expect(`${plain.stdout}${plain.stderr}`).toContain("it is not in a git repository. Leave out --staged");
});
