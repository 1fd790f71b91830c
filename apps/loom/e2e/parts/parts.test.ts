import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { LOOM_VERSION } from "../../src/loom-version.ts";
import { makeProject } from "../project.ts";

const APPS = fileURLToPath(new URL("../../../", import.meta.url));

/** A folder in which the program is installed, with these parts and no other. */
function install(...parts: readonly string[]): { readonly program: string; readonly packages: string } {
  const packages = join(realpathSync(mkdtempSync(join(tmpdir(), "loom-e2e-parts-"))), "node_modules/@loom");
  onTestFinished(() => rmSync(join(packages, "../.."), { recursive: true, force: true }));
  for (const name of ["loom", ...parts])
    for (const published of name === "loom" ? ["bin", "dist", "package.json"] : ["dist", "package.json"])
      cpSync(join(APPS, name, published), join(packages, name, published), { recursive: true });
  return { program: join(packages, "loom/bin/loom.cjs"), packages };
}

const HOST_JOB = 'version: v1\nstages: [a]\nj: {stage: a, script: ["true"]}\n';

/** Where no engine listens: who asks it needs the part. */
const DEAD_ENGINE = { DOCKER_HOST: "tcp://127.0.0.1:1" };

const DEAD_JOB_ENGINE = { LOOM_ENGINE: "nats://127.0.0.1:1" };

describe("a program without its parts", () => {
  test("runs jobs on this machine, and says what a job in a container needs", () => {
    const { program } = install();
    const workflow = `${HOST_JOB}k: {stage: a, image: busybox, script: ["true"]}\n`;
    const project = makeProject({ workflow }, program);
    const { exitCode, stdout } = project.loom(["run"], DEAD_ENGINE);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      "Cannot use containers: @loom/loom-containers is not installed. Run npm install @loom/loom-containers where Loom is installed, with -g when Loom is global\n",
    );
    expect(stdout).toContain("failure  1 success, 1 failed");
    expect(stdout).toContain("failed: k › provider (provider_unavailable)\n");
    expect(project.verdict()).toBe("valid");
  });

  test.each([["run", "--engine=nats://127.0.0.1:1"], ["worker", "--engine=nats://127.0.0.1:1"], ["workers"]])(
    "loom %s says what an engine needs",
    (...command) => {
      const { program } = install();
      const project = makeProject({ workflow: HOST_JOB }, program);
      expect(project.loom(command, DEAD_JOB_ENGINE)).toMatchObject({
        exitCode: 1,
        stdout: "",
        stderr:
          "loom: Cannot reach an engine: @loom/loom-remote is not installed. Run npm install @loom/loom-remote where Loom is installed, with -g when Loom is global\n",
      });
      expect(project.loom(["run", "--local"], DEAD_JOB_ENGINE).exitCode).toBe(0);
    },
  );

  test("loom mcp says what it needs", () => {
    const { program } = install();
    expect(makeProject({ workflow: HOST_JOB }, program).loom(["mcp"])).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr:
        "loom: Cannot serve agents: @loom/loom-mcp is not installed. Run npm install @loom/loom-mcp where Loom is installed, with -g when Loom is global\n",
    });
  });

  test("loom report writes traces, and says what a page needs", () => {
    const { program } = install();
    const project = makeProject({ workflow: HOST_JOB }, program);
    project.loom(["run"]);
    expect(project.loom(["report", "--trace=-"]).exitCode).toBe(0);
    expect(project.loom(["report", "--html=page.html"])).toMatchObject({
      exitCode: 1,
      stderr:
        "loom: Cannot make a page: @loom/loom-report is not installed. Run npm install @loom/loom-report where Loom is installed, with -g when Loom is global\n",
    });
    expect(existsSync(join(project.root, "page.html"))).toBe(false);
  });

  test("loom clean has no engine to clean", () => {
    const { program } = install();
    const project = makeProject({ workflow: HOST_JOB }, program);
    expect(project.loom(["clean"], DEAD_ENGINE)).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("loom doctor says what to install, and fails where a job needs it", () => {
    const { program } = install("loom-mcp");
    for (const [workflow, exitCode] of [
      [HOST_JOB, 0],
      [`${HOST_JOB}k: {stage: a, image: busybox, script: ["true"]}\n`, 1],
    ] as const) {
      const examined = makeProject({ workflow }, program).loom(["doctor"], DEAD_ENGINE);
      expect(examined).toMatchObject({
        exitCode,
        stdout: expect.stringContaining("Run npm install @loom/loom-containers where Loom") as string,
      });
      expect(examined.stdout).toContain(
        "parts             3 parts are not installed: @loom/loom-containers (jobs with an image), @loom/loom-remote (jobs on other machines), @loom/loom-report (loom report --html)\n",
      );
    }
  });
});

describe("a program with its parts", () => {
  const PARTS = ["loom-containers", "loom-mcp", "loom-remote", "loom-report"];

  test("finds them beside it", () => {
    const { program } = install(...PARTS);
    const project = makeProject({ workflow: HOST_JOB }, program);
    project.loom(["run"]);
    const examined = project.loom(["doctor"], DEAD_ENGINE).stdout;
    expect(examined).toContain("the container engine cannot be reached");
    expect(examined).toContain("All parts are installed");
    expect(project.loom(["run"], DEAD_JOB_ENGINE).stderr).toContain("connection refused");
    // Nobody asks it anything.
    expect(project.loom(["mcp"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(project.loom(["report", "--html=-"]).stdout).toMatch(/^<!doctype html>/u);
  });

  test("refuses those of another version", () => {
    const { program, packages } = install(...PARTS);
    for (const part of PARTS) {
      const manifest = join(packages, part, "package.json");
      renameSync(join(packages, part, "dist", LOOM_VERSION), join(packages, part, "dist/0.0.1"));
      writeFileSync(manifest, readFileSync(manifest, "utf8").replace(LOOM_VERSION, "0.0.1"));
    }
    const project = makeProject({ workflow: HOST_JOB }, program);
    const examined = project.loom(["doctor"], DEAD_ENGINE).stdout;
    expect(examined).toContain(otherVersion("loom-containers"));
    expect(examined).toContain("@loom/loom-report is installed in version 0.0.1, and this Loom has");
    expect(project.loom(["run"], DEAD_JOB_ENGINE).stderr).toContain(otherVersion("loom-remote"));
    expect(project.loom(["mcp"]).stderr).toContain(otherVersion("loom-mcp"));
    project.loom(["run"]);
    expect(project.loom(["report", "--html=-"]).stderr).toContain(otherVersion("loom-report"));
  });
});

function otherVersion(part: string): string {
  return `the installed @loom/${part} belongs to another version of Loom`;
}
