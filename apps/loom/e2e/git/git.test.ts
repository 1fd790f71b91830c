import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, type Project } from "../project.ts";
import { until } from "../until.ts";

const IDENTITY = {
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

const ON_MAIN = `version: v1
stages: [a]
workflow: {rules: [{if: $CI_COMMIT_BRANCH == "main"}]}
j: {stage: a, script: ["touch ran; echo $CI_COMMIT_BRANCH"]}
`;
const PLAIN = `version: v1
stages: [a]
j: {stage: a, script: ["touch ran; env"]}
`;

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", env: { ...process.env, ...IDENTITY } });
}

/** A project whose folder is a repository with one commit on main. */
function makeRepository(workflow: string, message = "first"): Project {
  const project = makeProject({ workflow });
  git(project.root, "init", "-q", "-b", "main");
  git(project.root, "add", "-A");
  execFileSync("git", ["commit", "-q", "-F", "-"], {
    cwd: project.root,
    input: message,
    env: { ...process.env, ...IDENTITY },
  });
  return project;
}

const isRoot = process.getuid?.() === 0;

describe("a run in a repository that git does not tell about", () => {
  const damages: readonly [string, (root: string) => void, RegExp][] = [
    [
      "a damaged HEAD",
      (root) => writeFileSync(join(root, ".git/HEAD"), "garbage\n"),
      /not a git repository/u,
    ],
    ["an empty .git", (root) => writeFileSync(join(root, ".git/config"), "[core\n"), /bad config line 1/u],
  ];

  test.each(damages)("is no green one when a rule asks for the branch: %s", (_name, damage, reason) => {
    const project = makeRepository(ON_MAIN);
    damage(project.root);
    const { exitCode, stdout } = project.loom(["run"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/its rules depend on the commit, and git cannot describe it: /u);
    expect(stdout).toMatch(reason);
    expect(existsSync(join(project.root, "ran"))).toBe(false);
    expect(project.lastRun().pipelineSummary).toMatchObject({
      status: "failure",
      error: { code: "git_refused" },
    });
    expect(project.verdict()).toBe("valid");
  });

  test.each(damages)("runs with a warning when no rule asks: %s", (_name, damage, reason) => {
    const project = makeRepository(PLAIN);
    damage(project.root);
    const { exitCode, stdout } = project.loom(["run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/warn +Git cannot describe this checkout, so no CI_COMMIT_ variable is set: /u);
    expect(stdout).toMatch(reason);
  });

  test.skipIf(!isRoot)("says so when it belongs to somebody else (needs root)", () => {
    const project = makeRepository(PLAIN);
    chownSync(project.root, 12345, 12345);
    chownSync(join(project.root, ".git"), 12345, 12345);
    expect(project.loom(["run"]).stdout).toMatch(/detected dubious ownership/u);
  });

  test("says so when there is no git", () => {
    const project = makeRepository(PLAIN);
    const bin = join(project.root, "bin");
    mkdirSync(bin);
    for (const name of ["sh", "touch", "env", "mkfifo"]) {
      const path = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
      writeFileSync(join(bin, name), `#!/bin/sh\nexec ${path} "$@"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    expect(project.loom(["run"], { PATH: bin }).stdout).toMatch(/git is not installed/u);
  });

  test("says nothing without a repository, or without a commit", () => {
    const project = makeProject({ workflow: PLAIN });
    expect(project.loom(["run"]).stdout).not.toMatch(/warn/u);
    git(project.root, "init", "-q");
    expect(project.loom(["run"]).stdout).not.toMatch(/warn/u);
  });

  test("ends at the first signal while git hangs", async () => {
    const project = makeRepository(PLAIN);
    const bin = join(project.root, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), "#!/bin/sh\n: > asked\nexec sleep 1000\n");
    chmodSync(join(bin, "git"), 0o755);
    const run = project.start(["run"], { PATH: `${bin}:${process.env["PATH"]}` });
    await until(() => existsSync(join(project.root, "asked")));
    run.process.kill("SIGTERM");
    expect((await run.ended).exitCode).toBe(143);
    expect(project.verdict()).toBe("valid");
  });
});

describe("what reaches a step of the caller's environment", () => {
  test("is nothing that ties it to another repository or to a make", () => {
    const project = makeRepository(PLAIN);
    const hook = join(project.root, ".git/hooks/pre-commit");
    writeFileSync(hook, `#!/bin/sh\nexec ${process.execPath} ${LOOM} run --no-tui >&2\n`);
    chmodSync(hook, 0o755);
    const committed = spawnSync("git", ["commit", "-q", "--allow-empty", "-m", "second"], {
      cwd: project.root,
      encoding: "utf8",
      env: { ...process.env, ...IDENTITY, MAKEFLAGS: "-j4 --jobserver-auth=3,4", MAKELEVEL: "1" },
    });
    expect(committed.status).toBe(0);
    const printed = project.loom(["logs", "last", "j"]).stdout.split("\n");
    const names = printed.map((line) => line.split("=", 1)[0] ?? "");
    const local = git(project.root, "rev-parse", "--local-env-vars").trim().split("\n");
    expect(names.filter((name) => local.includes(name) || name.startsWith("MAKE"))).toEqual([]);
    expect(names).toContain("GIT_AUTHOR_NAME");
    expect(printed).toContain("CI_COMMIT_BRANCH=main");
  });

  test("is the beginning of a commit message that is too long, with a warning", () => {
    const project = makeRepository(PLAIN, `Squash\n\n${"* ünother change\n".repeat(12_000)}`);
    const { exitCode, stdout } = project.loom(["run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/warn +The commit message is too long for a variable: CI_COMMIT_MESSAGE/u);
  });

  test("is named when it is what makes a step too large to start", () => {
    const project = makeRepository(`version: v1
stages: [a]
variables: {BIG: "${"x".repeat(200)}", MANY: "${"$BIG".repeat(900)}"}
j: {stage: a, script: ["true"]}
`);
    expect(project.loom(["run"]).stdout).toMatch(
      /The variable MANY has 180004 bytes of \d+: put its value into a file/u,
    );
  });

  test("is what a variable means that names itself", () => {
    const project = makeRepository(`version: v1
stages: [a]
variables: {PATH: "$LOOM_PROJECT_DIR/tools:$PATH", FLAGS: "-O2"}
j: {stage: a, script: [greet], variables: {FLAGS: "$FLAGS -g"}}
`);
    mkdirSync(join(project.root, "tools"));
    writeFileSync(join(project.root, "tools/greet"), '#!/bin/sh\necho "hello $FLAGS $CALLER"\n');
    chmodSync(join(project.root, "tools/greet"), 0o755);
    expect(project.loom(["run", "--var", "FLAGS=$FLAGS -v"]).exitCode).toBe(0);
    expect(project.loom(["logs", "last", "j"]).stdout).toBe("hello -O2 -g -v \n");
  });
});
