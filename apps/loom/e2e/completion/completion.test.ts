import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import pty from "@lydell/node-pty";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [check, test]
lint: {stage: check, script: ["true"]}
unit: {stage: test, script: ["true"]}
unit-slow: {stage: test, script: ["true"]}
.hidden: {stage: test, script: ["true"]}
`;

/** What the last of the words can be completed to. */
function offered(project: Project, words: readonly string[]): string[] {
  const { exitCode, stdout, stderr } = project.loom(["__complete", "--", ...words]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.split("\n").flatMap((line) => line.split("\t")[0] || []);
}

describe("a command line is completed", () => {
  test.each<[string[], string[]]>([
    [["ch"], ["check"]],
    [["c"], ["config", "check", "compile", "clean", "cache", "ctl", "completion"]],
    [
      ["help", "ve"],
      ["verify", "version"],
    ],
    [
      ["cache", ""],
      ["list", "prune", "clear", "help"],
    ],
    [["cache", "prune", "--m"], ["--max"]],
    [
      ["schema", "job-"],
      ["job-summary", "job-manifest"],
    ],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [
      ["check", "--"],
      ["--color", "--workflow", "--json", "--strict", "--help"],
    ],
    [["--ve"], ["--version", "--verbose"]],
    [["--json", "--jo"], ["--job"]],
    [
      ["check", "--color", "a"],
      ["auto", "always"],
    ],
    [["check", "--color=n"], ["--color=never"]],
    [
      ["run", "--job", "u"],
      ["unit", "unit-slow"],
    ],
    [
      ["run", "--job", "lint", "u"],
      ["unit", "unit-slow"],
    ],
    [
      ["run", "--job", "lint,u"],
      ["lint,unit", "lint,unit-slow"],
    ],
    [["run", "--job=l"], ["--job=lint"]],
    [["run", "--job", "=", "l"], ["lint"]],
    [
      ["run", "--job", "="],
      ["lint", "unit", "unit-slow"],
    ],
    [["--job", "li"], ["lint"]],
    [["run", "-j", "4", "--job", "lint", "--stag"], ["--staged"]],
    [["explain", "--job", "l"], ["lint"]],
    [
      ["logs", "last", "u"],
      ["unit", "unit-slow"],
    ],
    [["logs", "--tail", "3", "last", "l"], ["lint"]],
    [["check", "--", "--"], []],
    [["run", "--workflow", ""], []],
    [["nosuch", ""], []],
    [["after"], []],
    [["__"], []],
    [["show", ""], []],
  ])("%j with %j", (words, expected) => {
    expect(offered(makeProject({ workflow: WORKFLOW }), words)).toEqual(expected);
  });

  test("with the runs that there are, the newest first", () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run"]);
    const first = project.lastRun().receipt.run_id;
    project.loom(["run"]);
    const second = project.lastRun().receipt.run_id;
    expect(offered(project, ["show", ""])).toEqual(["last", second, first]);
    expect(offered(project, ["verify", second])).toEqual([second]);
  });

  test("with the jobs of the workflow that is named", () => {
    const project = makeProject({ workflow: WORKFLOW });
    writeFileSync(
      join(project.root, "other.yml"),
      "version: v1\nstages: [a]\nother: {stage: a, script: [x]}\n",
    );
    expect(offered(project, ["run", "--workflow", "other.yml", "--job", ""])).toEqual(["other"]);
    expect(offered(project, ["run", "--workflow=other.yml", "--job", ""])).toEqual(["other"]);
  });

  test("with nothing, and silently, where the workflow is broken", () => {
    const project = makeProject({ workflow: "jobs: [" });
    expect(offered(project, ["run", "--job", ""])).toEqual([]);
  });
});

/**
 * A project in which `loom` is on PATH: it completes, and says with which words it was called for anything else. Where
 * there is a file `broken`, it fails loudly instead.
 */
function withLoomOnPath(): { readonly root: string; readonly env: Record<string, string> } {
  const { root } = makeProject({ workflow: WORKFLOW });
  mkdirSync(join(root, "bin"));
  const program = join(root, "bin/loom");
  const script = `#!/bin/sh
case $1 in
  completion) ;;
  __complete) if [ -e broken ]; then echo "out of order" >&2; exit 1; fi ;;
  *) echo "called with: $*."; exit ;;
esac
exec '${process.execPath}' '${LOOM}' "$@"
`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  const PATH = [join(root, "bin"), process.env["PATH"]].join(delimiter);
  return { root, env: { ...snapshots().env, PATH, HOME: root, TERM: "xterm", LANG: "C.UTF-8" } };
}

/** Types lines into a shell, each once the one before was answered; resolves with all that was on the screen. */
async function typeInto(
  [file, ...args]: readonly [string, ...string[]],
  { root, env }: ReturnType<typeof withLoomOnPath>,
  lines: readonly (readonly [typed: string, answer: string])[],
): Promise<string> {
  const shell = pty.spawn(file, args, { cols: 200, rows: 50, cwd: root, env });
  let screen = "";
  let look = (): void => {};
  shell.onData((text) => {
    screen += text;
    look();
  });
  for (const [typed, answer] of lines) {
    const from = screen.length;
    shell.write(typed);
    await new Promise<void>((resolve) => {
      look = () => {
        if (screen.includes(answer, from)) resolve();
      };
    });
  }
  const ended = new Promise((resolve) => shell.onExit(resolve));
  shell.kill("SIGKILL");
  await ended;
  return screen;
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

const INTERACTIVE = [
  { name: "bash", args: ["--norc", "--noprofile", "-i"] },
  { name: "zsh", args: ["-f", "-i"] },
] as const;

describe("a shell completes loom after", () => {
  test.for(INTERACTIVE)(
    'eval "$(loom completion $name)" in $name',
    { timeout: 60_000 },
    async ({ name, args }, context) => {
      context.skip(!isInstalled(name), `${name} is not installed`);
      const screen = await typeInto([name, ...args], withLoomOnPath(), [
        [`eval "$(loom completion ${name})"; loom begin\r`, "called with: begin."],
        ["loom che\t--stri\t\r", "called with: check --strict."],
        ["loom run --job li\t\r", "called with: run --job lint."],
        ["loom run --job=li\t\r", "called with: run --job=lint."],
        ["loom run --job lint,unit-\t\r", "called with: run --job lint,unit-slow."],
        ["loom check --workflow bi\tlo\t\r", "called with: check --workflow bin/loom."],
        ["touch broken; loom next\r", "called with: next."],
        ["loom che\t\r", "called with: che."],
      ]);
      expect(screen).not.toMatch(/not found|error|out of order/iu);
    },
  );

  test("loom completion fish | source in fish", { timeout: 60_000 }, (context) => {
    context.skip(!isInstalled("fish"), "fish is not installed");
    const { root, env } = withLoomOnPath();
    const complete = (line: string) =>
      spawnSync("fish", ["--no-config", "-c", `loom completion fish | source; complete -C '${line}'`], {
        cwd: root,
        env,
        encoding: "utf8",
      });
    expect(complete("loom che")).toMatchObject({ stdout: "check\tvalidate the workflow\n", stderr: "" });
    expect(complete("loom check --stri").stdout).toBe("--strict\tfail for warnings too\n");
    expect(complete("loom run --job li").stdout).toBe("lint\tstage check\n");
    expect(complete("loom run --job=li").stdout).toBe("--job=lint\tstage check\n");
    expect(complete("loom run --job ").stdout).toContain("unit-slow\t");
    expect(complete("loom check --workflow bi").stdout).toContain("bin/");
    expect(complete("loom nosuch x")).toMatchObject({ stderr: "" });
  });
});

test("loom completion takes the shells that there is a script for", () => {
  const project = makeProject({ workflow: WORKFLOW });
  expect(project.loom(["completion", "tcsh"])).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringContaining("Allowed choices are bash, zsh, fish") as string,
  });
  expect(project.loom(["completion"])).toMatchObject({ exitCode: 2, stdout: "" });
});
