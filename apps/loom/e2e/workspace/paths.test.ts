import { writeFileSync } from "node:fs";
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

  test("stays as it was printed in the log", () => {
    const { project } = failed(["-q"]);
    const { snapshot_path: snapshot = project.root } = project.lastRun().receipt;
    expect(project.loom(["logs", "last", "compile"]).stdout).toContain(`${snapshot}/${ERROR}`);
  });
});
