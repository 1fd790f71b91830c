import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeProject, snapshots, withoutCommands, type Project } from "../project.ts";

const HEADER = "version: v1\nstages: [a]\n";

/** A job that does to its folder what a job may do. */
const WRECKER = `${HEADER}wreck:
  stage: a
  script:
    - git status --porcelain
    - echo changed > tracked; rm -f deleted-later; touch new; chmod -x tool; git add -A
    - git -c user.name=j -c user.email=j@example.com commit -qm "by the job"; git tag of-the-job; git stash list
    - git clean -fdxq; rm -rf folder ignored; git gc --quiet; git checkout -q --orphan other
`;

const IDENTITY = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];

function git(project: Project, ...args: string[]): string {
  return execFileSync("git", [...IDENTITY, ...args], { cwd: project.root, encoding: "utf8" });
}

/** Every file of a project and of its repository, its evidence apart: kind, mode, and contents. */
function fingerprint(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.startsWith(".loom/.runtime"))
    .map((path) => {
      const stat = lstatSync(join(root, path));
      if (stat.isSymbolicLink()) return `${path} -> ${readlinkSync(join(root, path))}`;
      const contents = stat.isFile() ? readFileSync(join(root, path)).toString("base64") : "";
      return `${path} ${stat.mode.toString(8)} ${contents}`;
    })
    .toSorted();
}

function repository(workflow: string): Project {
  const project = makeProject({ workflow });
  const { root } = project;
  git(project, "init", "-q", "-b", "main", ".");
  mkdirSync(join(root, "folder"));
  for (const name of ["tracked", "staged", "deleted", "deleted-later", "renamed", "folder/inner", "ö ' $x"])
    writeFileSync(join(root, name), `${name}\n`);
  writeFileSync(join(root, ".gitignore"), "ignored\n");
  writeFileSync(join(root, "tool"), "#!/bin/sh\n");
  chmodSync(join(root, "tool"), 0o755);
  symlinkSync("tracked", join(root, "link"));
  symlinkSync("/etc/hostname", join(root, "link-out"));
  git(project, "add", "-A");
  git(project, "commit", "-qm", "first");
  return project;
}

const STATES: Readonly<Record<string, (project: Project) => void>> = {
  "nothing changed": () => undefined,
  "changed, staged, renamed, deleted, untracked and ignored files": (project) => {
    const { root } = project;
    writeFileSync(join(root, "tracked"), "dirty\n");
    writeFileSync(join(root, "staged"), "staged change\n");
    git(project, "add", "staged");
    git(project, "mv", "renamed", "Renamed");
    rmSync(join(root, "deleted"));
    writeFileSync(join(root, "untracked"), "untracked\n");
    mkdirSync(join(root, "ignored"));
    writeFileSync(join(root, "ignored/big"), "ignored\n");
  },
  "a detached HEAD": (project) => void git(project, "checkout", "-q", "--detach"),
  "a linked worktree": (project) => {
    const main = join(project.root, "../", `${project.root.split("/").at(-1)}-main`);
    onTestFinished(() => rmSync(main, { recursive: true, force: true }));
    mkdirSync(main);
    renameSync(join(project.root, ".git"), join(main, ".git"));
    execFileSync("git", ["worktree", "add", "-q", "--no-checkout", "--force", join(main, "linked"), "HEAD"], {
      cwd: main,
    });
    renameSync(join(main, "linked/.git"), join(project.root, ".git"));
    execFileSync("git", ["worktree", "repair", project.root], { cwd: main, stdio: "ignore" });
    git(project, "reset", "-q");
  },
};

describe("a run in a snapshot", () => {
  test.each(Object.keys(STATES))("leaves a checkout as it was: %s", (name) => {
    const project = repository(WRECKER);
    STATES[name]?.(project);
    const { env } = snapshots();
    const status = git(project, "status", "--porcelain");
    const before = fingerprint(project.root);
    const run = project.loom(["run", "--stream"], env);
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(fingerprint(project.root)).toEqual(before);
    const { receipt } = project.lastRun();
    expect(receipt.snapshot_head_sha).toBe(git(project, "rev-parse", "HEAD").trim());
    expect(existsSync(join(receipt.snapshot_path ?? "", "folder"))).toBe(false);
    const prefix = "wreck│ ";
    const seen = withoutCommands(run.stdout)
      .split("\n")
      .filter((line) => line.startsWith(prefix));
    expect(seen.map((line) => `${line.slice(prefix.length)}\n`).join("")).toBe(status);
  });

  test("leaves a folder as it was that git knows nothing of, and one before its first commit", () => {
    const workflow = `${HEADER}wreck: {stage: a, script: ["cat file; rm file; touch made"]}\n`;
    for (const hasGit of [false, true]) {
      const project = makeProject({ workflow });
      writeFileSync(join(project.root, "file"), "contents\n");
      if (hasGit) git(project, "init", "-q", ".");
      const before = fingerprint(project.root);
      const run = project.loom(["run", "--stream"], snapshots().env);
      expect([run.exitCode, run.stdout.includes("contents")]).toEqual([0, true]);
      expect(fingerprint(project.root)).toEqual(before);
    }
  });

  test("says where jobs worked, to jobs, in the receipt and after a failure", () => {
    const project = repository(
      `${HEADER}fails: {stage: a, script: ['echo "$LOOM_PROJECT_DIR $PWD $CI_PROJECT_DIR"; exit 1']}\n`,
    );
    const { env, cache } = snapshots();
    const { stdout } = project.loom(["run", "--stream"], env);
    const { snapshot_path: path = "" } = project.lastRun().receipt;
    expect(path.startsWith(join(cache, "loom/workspaces/"))).toBe(true);
    expect(stdout).toContain(`\njobs work in: ${path}\n`);
    expect(stdout).toContain(`${path} ${path} ${path}`);
    expect(project.loom(["run"]).stdout).toContain("\njobs work in: the checkout itself\n");
    expect(stdout).toContain(
      `\nworkspace: ${path}\nexplain:  loom explain\nretry:    loom run --retry-failed\nreceipt: `,
    );
  });

  test("keeps its evidence when a step wipes its folder", () => {
    const project = repository(
      `${HEADER}wipe: {stage: a, script: ["git clean -fdxq; rm -rf .loom ..?* *; ls -a"]}\n`,
    );
    expect(project.loom(["run", "-q"], snapshots().env).exitCode).toBe(0);
    expect(project.verdict()).toBe("valid");
  });

  test("is recovered with the path of its snapshot after a kill", async () => {
    const project = repository(`${HEADER}waits: {stage: a, script: ["echo up; sleep 300"]}\n`);
    const { env } = snapshots();
    const run = project.start(["run", "--stream"], env);
    await run.said("up");
    run.process.kill("SIGKILL");
    await run.ended;
    expect(project.loom(["recover", "last"]).exitCode).toBe(0);
    expect(existsSync(join(project.lastRun().receipt.snapshot_path ?? "", "tracked"))).toBe(true);
  });
});

describe("where jobs work", () => {
  const workflow = `${HEADER}one: {stage: a, script: ["touch made"]}\n`;
  const worksInPlace = (args: readonly string[], env: Record<string, string>, config?: string): boolean => {
    const project = makeProject({ workflow });
    if (config !== undefined) writeFileSync(join(project.root, ".loom/config.yml"), config);
    const run = project.loom(["run", "-q", ...args], { ...snapshots().env, ...env });
    expect(run.exitCode).toBe(0);
    expect(project.lastRun().receipt.snapshot_path === undefined).toBe(
      existsSync(join(project.root, "made")),
    );
    return existsSync(join(project.root, "made"));
  };

  test("is decided by the flag, the variable, the project's configuration, then the user's", () => {
    const inPlace = "runtime: {workspace: in-place}\n";
    const config = mkdtempSync(join(tmpdir(), "loom-e2e-config-"));
    onTestFinished(() => rmSync(config, { recursive: true }));
    mkdirSync(join(config, "loom"));
    writeFileSync(join(config, "loom/config.yml"), inPlace);
    const user = { XDG_CONFIG_HOME: config };
    expect(worksInPlace([], {})).toBe(false);
    expect(worksInPlace(["--in-place"], { LOOM_IN_PLACE: "0" })).toBe(true);
    expect(worksInPlace([], { LOOM_IN_PLACE: "1" })).toBe(true);
    expect(worksInPlace([], { LOOM_IN_PLACE: "0" }, inPlace)).toBe(false);
    expect(worksInPlace([], {}, inPlace)).toBe(true);
    expect(worksInPlace([], user)).toBe(true);
    expect(worksInPlace([], user, "runtime: {workspace: isolated}\n")).toBe(false);
    expect(worksInPlace([], user, "# nothing\n")).toBe(true);
  });

  test.each([
    ["runtime: {workspace: here}\n", /config\.yml": runtime\.workspace: .*isolated/u],
    ["runtime: {work: isolated}\n", /config\.yml": runtime: .*work/u],
    ["runtime: [\n", /config\.yml": .*line 1|line 2/u],
  ])("is refused where it cannot be understood: %j", (config, message) => {
    const project = makeProject({ workflow });
    writeFileSync(join(project.root, ".loom/config.yml"), config);
    const run = project.loom(["run"], snapshots().env);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(run.stderr.trimEnd().split("\n").length).toBe(1);
    expect(project.loom(["run"], { LOOM_IN_PLACE: "maybe" }).stderr).toBe(
      'loom: Cannot understand LOOM_IN_PLACE="maybe": set it to 1 to work in the checkout itself, or to 0\n',
    );
  });
});
