import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [build]
compile: {stage: build, script: [sh compile.sh]}
`;

/** Names files by absolute paths, as many tools do or can be asked to. */
const COMPILER = `echo "$PWD/src/a.ts:3:7 - error TS2322: Type 'number' is not assignable to type 'string'."
echo "see $PWD/src/b.ts"
exit 2
`;

const ERROR = "src/a.ts:3:7 - error TS2322: Type 'number' is not assignable to type 'string'.";

const PLACES: Readonly<Record<string, () => Record<string, string>>> = {
  "in a snapshot": () => snapshots().env,
  "in the checkout": () => ({}),
};

/** The lines that name a file. */
function paths(text: string): string[] {
  return text.split("\n").filter((line) => /src\/[ab]\.ts/u.test(line));
}

/** The lines in which GitHub's runner looks for commands. */
function carriedOut(text: string): string[] {
  let token: string | undefined;
  return text.split("\n").filter((line) => {
    if (token !== undefined) {
      if (line === `::${token}::`) token = undefined;
      return false;
    }
    token = /^::stop-commands::(.+)$/u.exec(line)?.[1];
    return true;
  });
}

describe.each(Object.keys(PLACES))("an error with an absolute path, of a run %s", (place) => {
  const failed = (
    args: readonly string[],
    more: Record<string, string> = {},
  ): { project: Project; stdout: string } => {
    const project = makeProject({ workflow: WORKFLOW });
    writeFileSync(join(project.root, "compile.sh"), COMPILER);
    const { exitCode, stdout } = project.loom(["run", ...args], { ...PLACES[place]?.(), ...more });
    expect(exitCode).toBe(1);
    return { project, stdout };
  };

  test("is given by the end of the run and by loom explain as a path of the project", () => {
    const { project, stdout } = failed([]);
    expect(paths(stdout)).toEqual([`  ${ERROR}`, "  see src/b.ts"]);
    const explained = project.loom(["explain"]).stdout;
    expect(paths(explained)[0]).toMatch(/^ {2}src\/a\.ts:3:7 Type 'number' is not assignable/u);
    expect(explained).not.toMatch(/\/src\/[ab]\.ts/u);
    for (const args of [
      ["explain", "--json"],
      ["explain", "--job", "compile", "--json"],
    ]) {
      const { errors, lines } = JSON.parse(project.loom(args).stdout) as {
        readonly errors: readonly object[];
        readonly lines: readonly string[];
      };
      expect(errors).toMatchObject([{ tool: "tsc", file: "src/a.ts", line: 3, column: 7, code: "TS2322" }]);
      expect(lines[0]).toBe(ERROR);
    }
  });

  test("is annotated on GitHub at that path", () => {
    const { stdout } = failed(["--group"], { GITHUB_ACTIONS: "true" });
    expect(stdout).toContain("\n::error file=src/a.ts,line=3,col=7,");
  });

  test("is given to CI servers as a path of the repository, where the project is a folder in it", () => {
    const project = makeProject({ workflow: "version: v1\n" });
    const app = join(project.root, "apps/one");
    mkdirSync(join(app, ".loom"), { recursive: true });
    writeFileSync(join(app, ".loom/workflow.yml"), WORKFLOW);
    const commands = 'echo "::error file=evil.ts,line=1::not by loom"\necho "##[error]nor this"\n';
    writeFileSync(join(app, "compile.sh"), `${commands}${COMPILER}`);
    for (const args of [
      ["init", "-q"],
      ["add", "."],
      ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first"],
    ])
      spawnSync("git", args, { cwd: project.root });
    const { exitCode, stdout } = project.loom(
      [
        "run",
        "--workflow",
        "apps/one/.loom/workflow.yml",
        "--reporter",
        "github",
        "--reporter",
        "codequality=report.json",
      ],
      PLACES[place]?.(),
    );
    expect(exitCode).toBe(1);
    expect(carriedOut(stdout).filter((line) => line.startsWith("::error"))).toEqual([
      "::error file=apps/one/src/a.ts,line=3,col=7,title=tsc TS2322::Type 'number' is not assignable to type 'string'.",
    ]);
    expect(carriedOut(stdout).join("\n")).not.toMatch(/evil|##\[/u);
    expect(JSON.parse(readFileSync(join(project.root, "report.json"), "utf8"))).toMatchObject([
      { check_name: "tsc TS2322", location: { path: "apps/one/src/a.ts", lines: { begin: 3 } } },
    ]);
  });

  test("stays as it was printed in the log", () => {
    const { project } = failed(["-q"]);
    const { snapshot_path: snapshot = project.root } = project.lastRun().receipt;
    expect(project.loom(["logs", "last", "compile"]).stdout).toContain(`${snapshot}/${ERROR}`);
  });
});
