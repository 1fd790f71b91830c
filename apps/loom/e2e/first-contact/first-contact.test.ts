import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a]
lint: {stage: a, script: ["echo linted"]}
unit: {stage: a, script: ["echo one", "echo two"]}
slow: {stage: a, script: ["echo slow"]}
`;

const NO_RUN = "loom: There are no runs here yet; loom run makes one\n";

describe("a project in which nothing was run", () => {
  const READING = [
    ["explain"],
    ["show"],
    ["logs"],
    ["verify", "last"],
    ["recover", "last"],
    ["show", "last~2"],
  ];

  test.each(READING)("is told of as such by %s", (...args) => {
    const project = makeProject({ workflow: WORKFLOW });
    expect(project.loom(args)).toEqual({ exitCode: 2, stdout: "", stderr: NO_RUN });
    // A check leaves a receipt, and no run.
    project.loom(["check"]);
    expect(project.loom(args)).toEqual({ exitCode: 2, stdout: "", stderr: NO_RUN });
  });

  test("has an empty list of runs, and no run of any name", () => {
    const project = makeProject({ workflow: WORKFLOW });
    expect(project.loom(["runs"])).toEqual({ exitCode: 0, stdout: "", stderr: NO_RUN });
    expect(project.loom(["show", "1234"])).toMatchObject({
      exitCode: 2,
      stderr: 'loom: Cannot find run "1234": there are no runs here yet; loom run makes one\n',
    });
  });
});

test("a folder without a workflow is answered with one that runs", () => {
  const project = makeProject({ workflow: WORKFLOW });
  rmSync(join(project.root, ".loom"), { recursive: true });
  const { exitCode, stdout, stderr } = project.loom([]);
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("Write one with loom init, or name a file with --workflow.");
  mkdirSync(join(project.root, ".loom"));
  writeFileSync(join(project.root, ".loom/workflow.yml"), stderr.slice(stderr.indexOf("version: v1")));
  expect(project.loom(["run", "--stream"])).toMatchObject({ exitCode: 0 });
  expect(project.loom(["logs", "last", "unit"]).stdout).toBe("it works\n");
});

describe("a name that is not there", () => {
  test.each([
    [["run", "lint"], 'Cannot understand "lint" after run: to run job "lint", use loom run --job lint'],
    [["run", "lnit"], 'to run job "lint", use loom run --job lint'],
    [["run", "deploy"], 'Cannot understand "deploy" after run: jobs are named with --job'],
    [["lint"], "loom: unknown command 'lint'\nloom: to run job \"lint\", use loom run --job lint\n"],
    // A command that it is like comes before a job that it is like.
    [["ini"], "loom: unknown command 'ini'\n(Did you mean init?)\n"],
    [["help", "nosuch"], "unknown command 'nosuch'"],
    [["run", "--job", "lin"], 'Cannot run job "lin": the workflow has no such job. Did you mean lint?'],
    [
      ["run", "--job", "lint,tset"],
      'Cannot run job "tset": the workflow has no such job. Its jobs are lint, unit, slow',
    ],
  ])("%j says what there is and exits with 2", (args, message) => {
    const { exitCode, stdout, stderr } = makeProject({ workflow: WORKFLOW }).loom(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("is answered with the runs, jobs and steps that there are", () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run", "--job", "lint,unit"]);
    const { receipt } = project.lastRun();
    const said = (...args: string[]) => {
      const { exitCode, stdout, stderr } = project.loom(args);
      expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 2, stdout: "" });
      return stderr;
    };
    expect(said("logs", "last", "unit", "9")).toBe(
      'loom: Cannot read the log of step 9: job "unit" has 2 steps\n',
    );
    expect(said("logs", "last", "lint", "2")).toContain('job "lint" has 1 step\n');
    expect(said("logs", "unity")).toContain(`the only run is "${receipt.run_id}"`);
    expect(said("explain", "--job", "uni")).toContain("the run has no such job. Did you mean unit?");
    expect(project.loom(["logs", "last", "unit", "2"]).stdout).toBe("two\n");
    expect(project.loom(["logs", "last", "slow"])).toMatchObject({ exitCode: 0, stdout: "" });
  });
});

test("loom help names a command or prints the help of one", () => {
  const project = makeProject({ workflow: WORKFLOW });
  expect(project.loom(["help", "run"])).toMatchObject({ exitCode: 0 });
  expect(project.loom(["help", "run"]).stdout).toContain("Usage: loom run");
  expect(project.loom(["help"]).exitCode).toBe(0);
});
