import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { LOOM, makeProject, snapshots, type Project } from "../project.ts";

type Files = Readonly<Record<string, string>>;

/** A repository with these files, and no workflow. */
function repository(files: Files): Project {
  const project = makeProject({ workflow: "" });
  rmSync(join(project.root, ".loom"), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project.root, path)), { recursive: true });
    writeFileSync(join(project.root, path), text);
  }
  spawnSync("git", ["init", "--quiet"], { cwd: project.root });
  return project;
}

/** Runs the program in a folder of a project. */
function inFolder(project: Project, folder: string, args: readonly string[]) {
  const options = { cwd: join(project.root, folder), encoding: "utf8" } as const;
  return spawnSync(process.execPath, [LOOM, ...args], options);
}

const CARGO: Files = {
  "Cargo.toml": '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n',
  "Cargo.lock": 'version = 3\n\n[[package]]\nname = "small"\nversion = "0.1.0"\n',
  "src/lib.rs": "#[test]\nfn adds() {\n    assert_eq!(1 + 1, 2);\n}\n",
  ".gitignore": "target\n",
};

const NPM: Files = {
  "package.json": JSON.stringify({
    name: "small",
    version: "1.0.0",
    scripts: { lint: "echo linted", build: "echo built > built.txt", test: "grep built built.txt" },
  }),
  "package-lock.json": JSON.stringify({
    name: "small",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: { "": { name: "small", version: "1.0.0" } },
  }),
};

interface Sample {
  readonly name: string;
  readonly files: Files;
  /** Ends with 0 where the project can be run. */
  readonly tool: readonly [string, ...string[]];
  readonly jobs: string;
}

const SAMPLES: readonly Sample[] = [
  { name: "npm", files: NPM, tool: ["npm", "--version"], jobs: "install, lint, build, test" },
  {
    name: "make",
    files: {
      Makefile: "build: small.txt\nsmall.txt:\n\techo small > $@\ntest: build\n\tgrep small small.txt\n",
    },
    tool: ["make", "--version"],
    jobs: "build, test",
  },
  { name: "cargo", files: CARGO, tool: ["cargo", "--version"], jobs: "build, test" },
  {
    name: "python",
    files: {
      "pyproject.toml":
        '[project]\nname = "small"\nversion = "1"\noptional-dependencies = { dev = ["pytest"] }\n',
      "test_small.py": "def test_adds():\n    assert 1 + 1 == 2\n",
    },
    tool: ["python3", "-m", "pytest", "--version"],
    jobs: "test",
  },
  {
    name: "cmake",
    files: {
      "CMakeLists.txt":
        "cmake_minimum_required(VERSION 3.20)\nproject(small C)\nenable_testing()\nadd_executable(small small.c)\nadd_test(NAME small COMMAND small)\n",
      "small.c": "int main(void) { return 0; }\n",
    },
    tool: ["cmake", "--version"],
    jobs: "configure, build, test",
  },
  {
    name: "go",
    files: {
      "go.mod": "module example.org/small\n\ngo 1.18\n",
      "small.go": "package small\n",
      "small_test.go": 'package small\n\nimport "testing"\n\nfunc TestSmall(t *testing.T) {}\n',
    },
    tool: ["go", "version"],
    jobs: "vet, build, test",
  },
];

describe("loom init writes a workflow", () => {
  test.each(SAMPLES)("for $name that is valid", ({ files, jobs }) => {
    const project = repository(files);
    const { exitCode, stdout, stderr } = project.loom(["init"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(`.loom/workflow.yml: ${jobs.includes(",") ? "jobs" : "job"} ${jobs}\n`);
    expect(stdout).toMatch(/\nnext +loom run\n$/u);
    expect(project.loom(["check", "--strict"])).toMatchObject({ exitCode: 0 });
  });

  test.for(SAMPLES)("for $name that runs", { timeout: 120_000 }, ({ files, tool }, context) => {
    const { status } = spawnSync(tool[0], tool.slice(1), { stdio: "ignore" });
    context.skip(status !== 0, `${tool.join(" ")} does not work here`);
    const project = repository(files);
    project.loom(["init"]);
    const { exitCode, stdout } = project.loom(["run", "--stream"]);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  });

  test("whose cache is restored in a snapshot", { timeout: 120_000 }, () => {
    const project = repository(NPM);
    project.loom(["init"]);
    const workflow = readFileSync(join(project.root, ".loom/workflow.yml"), "utf8");
    expect(workflow).toContain("key: { prefix: npm, files: [package-lock.json] }");
    const { env } = snapshots();
    expect(project.loom(["run"], env)).toMatchObject({ exitCode: 0 });
    expect(project.loom(["run"], env)).toMatchObject({ exitCode: 0 });
    expect(project.loom(["cache", "list"], env).stdout).toContain("npm");
  });

  test("that runs and says what to write where nothing is found", () => {
    const project = repository({ "README.md": "" });
    const { stdout } = project.loom(["init"]);
    expect(stdout).toBe(
      "found  nothing to make jobs from\nwrote  .loom/workflow.yml: job check\nnext   loom run\n",
    );
    expect(project.loom(["check", "--strict"])).toMatchObject({ exitCode: 0 });
    expect(project.loom(["run"])).toMatchObject({ exitCode: 0 });
  });

  test("that is valid for all ecosystems at once", () => {
    const project = repository({
      ...Object.fromEntries(SAMPLES.flatMap(({ files }) => Object.entries(files))),
      Gemfile: "",
      "Gemfile.lock": "",
      "composer.json": "{}",
      "composer.lock": "{}",
      "pom.xml": "",
      "build.gradle": "",
    });
    expect(project.loom(["init"])).toMatchObject({ exitCode: 0 });
    expect(project.loom(["check", "--strict"])).toMatchObject({ exitCode: 0 });
  });

  test("at the root of the repository, from any folder in it", () => {
    const project = repository({ Makefile: "test:\n", "a/b/c.txt": "" });
    const { stdout } = inFolder(project, "a/b", ["init"]);
    expect(stdout).toContain("wrote  ../../.loom/workflow.yml: job test\n");
    expect(existsSync(join(project.root, ".loom/workflow.yml"))).toBe(true);
    expect(inFolder(project, "a/b", ["init"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Cannot write "../../.loom/workflow.yml"') as string,
    });
  });

  test("where one stands, outside of a repository", () => {
    const project = repository({ Makefile: "test:\n" });
    rmSync(join(project.root, ".git"), { recursive: true });
    expect(project.loom(["init"])).toMatchObject({ exitCode: 0 });
    expect(project.loom(["run"])).toMatchObject({ exitCode: 0 });
  });
});

describe("loom init overwrites nothing", () => {
  test("but names the workflow that is there", () => {
    const project = repository({ Makefile: "test:\n", ".loom/workflow.yml": "mine\n" });
    expect(project.loom(["init"])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr:
        'loom: Cannot write ".loom/workflow.yml": it is there already. Change it, or see a new one with loom init --print\n',
    });
    expect(readFileSync(join(project.root, ".loom/workflow.yml"), "utf8")).toBe("mine\n");
  });

  test("also where a link leads elsewhere", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "loom-e2e-"));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    const project = repository({ Makefile: "test:\n" });
    symlinkSync(elsewhere, join(project.root, ".loom"));
    symlinkSync(join(elsewhere, "new.md"), join(project.root, "AGENTS.md"));
    expect(project.loom(["init"])).toMatchObject({
      exitCode: 2,
      stderr: 'loom: Cannot write ".loom/workflow.yml": ".loom" is not a folder. Move it away\n',
    });
    rmSync(join(project.root, ".loom"));
    expect(project.loom(["init", "--agents"])).toMatchObject({ exitCode: 1 });
    writeFileSync(join(elsewhere, "new.md"), "");
    expect(project.loom(["init", "--agents"])).toMatchObject({
      exitCode: 2,
      stderr: 'loom: Cannot write "AGENTS.md": it is not a file of this repository. Move it away\n',
    });
    expect(readFileSync(join(elsewhere, "new.md"), "utf8")).toBe("");
  });

  test("with --print, which writes to stdout only", () => {
    const project = repository({ Makefile: "test:\n" });
    const { exitCode, stdout, stderr } = project.loom(["init", "--print"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(existsSync(join(project.root, ".loom"))).toBe(false);
    project.loom(["init"]);
    expect(readFileSync(join(project.root, ".loom/workflow.yml"), "utf8")).toBe(stdout);
    expect(project.loom(["init", "--print"])).toMatchObject({ exitCode: 0, stdout });
    expect(project.loom(["init", "--print", "--agents"])).toMatchObject({ exitCode: 2, stdout: "" });
  });
});

test("loom init --agents tells agents about Loom once, and keeps the rest of AGENTS.md", () => {
  const project = repository({ Makefile: "test:\n", "AGENTS.md": "# Mine\n" });
  expect(project.loom(["init", "--agents"]).stdout).toBe(
    "found  Makefile\nwrote  .loom/workflow.yml: job test\nwrote  AGENTS.md: a section about Loom\nnext   loom run\n",
  );
  const text = readFileSync(join(project.root, "AGENTS.md"), "utf8");
  expect(text).toMatch(/^# Mine\n\n<!-- loom:begin -->\n[^]*`loom run`[^]*`loom explain --json`[^]*--tail/u);
  expect(project.loom(["init", "--agents"])).toEqual({
    exitCode: 0,
    stdout: "kept   .loom/workflow.yml\nkept   AGENTS.md: it has the section already\nnext   loom run\n",
    stderr: "",
  });
  expect(readFileSync(join(project.root, "AGENTS.md"), "utf8")).toBe(text);

  const edited = `${text.replace("`loom run`", "`make`").replaceAll("\n", "\r\n")}# More\r\n`;
  writeFileSync(join(project.root, "AGENTS.md"), edited, { mode: 0o600 });
  expect(project.loom(["init", "--agents"]).stdout).toContain("\nwrote  AGENTS.md: a section about Loom\n");
  const section = text.slice("# Mine\n\n".length).trimEnd();
  expect(readFileSync(join(project.root, "AGENTS.md"), "utf8")).toBe(
    `# Mine\r\n\r\n${section}\r\n# More\r\n`,
  );

  writeFileSync(join(project.root, "AGENTS.md"), "<!-- loom:begin -->\nMine\n");
  expect(project.loom(["init", "--agents"])).toMatchObject({
    exitCode: 1,
    stderr:
      'loom: Cannot write "AGENTS.md": its section about Loom has no end. Put <!-- loom:end --> behind it\n',
  });
  expect(readFileSync(join(project.root, "AGENTS.md"), "utf8")).toBe("<!-- loom:begin -->\nMine\n");
});
