import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

const WORKFLOW = "version: v1\nstages: [a]\nunit: {stage: a, script: [echo]}\n";

describe("loom config", () => {
  test("show says what counts and where it comes from: the environment, the project's file, then the user's", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const home = temporaryDirectory();
    const show = (inPlace = ""): string =>
      project.loom(["config", "show"], { LOOM_IN_PLACE: inPlace, XDG_CONFIG_HOME: home }).stdout;
    expect(show()).toBe(
      "runtime.workspace: isolated  (default)\nruntime.docker_workspace_mount: ephemeral_volume  (default)\n",
    );
    mkdirSync(join(home, "loom"));
    writeFileSync(join(home, "loom/config.yml"), "runtime: {workspace: in-place}\n");
    expect(show()).toMatch(/^runtime\.workspace: in-place {2}\(.*loom\/config\.yml\)\n/u);
    const settings = "runtime: {workspace: isolated, docker_workspace_mount: bind_mount}\n";
    writeFileSync(join(project.root, ".loom/config.yml"), settings);
    const mount = "runtime.docker_workspace_mount: bind_mount  (.loom/config.yml)\n";
    expect(show()).toBe(`runtime.workspace: isolated  (.loom/config.yml)\n${mount}`);
    expect(show("1")).toBe(`runtime.workspace: in-place  (LOOM_IN_PLACE)\n${mount}`);
    const odd = project.loom(["run"], { LOOM_DOCKER_WORKSPACE_MOUNT: "volume" });
    const oddFlag = project.loom(["run", "--docker-workspace-mount", "x"]);
    const [words, flagWords] = ['LOOM_DOCKER_WORKSPACE_MOUNT="volume"', '--docker-workspace-mount "x"'];
    const advice = "set it to ephemeral_volume or bind_mount";
    expect(odd).toMatchObject({ exitCode: 2, stderr: `loom: Cannot understand ${words}: ${advice}\n` });
    expect(oddFlag).toMatchObject({
      exitCode: 2,
      stderr: `loom: Cannot understand ${flagWords}: ${advice}\n`,
    });
    const json = project.loom(["config", "show", "--json"], { LOOM_IN_PLACE: "", XDG_CONFIG_HOME: home });
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema_version: "v1",
      kind: "loom-config",
      settings: [
        { name: "runtime.workspace", value: "isolated", source: join(project.root, ".loom/config.yml") },
        { name: "runtime.docker_workspace_mount", value: "bind_mount" },
      ],
    });
  });

  test("init writes a file that counts, once, and never through a link", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const env = { LOOM_IN_PLACE: "", XDG_CONFIG_HOME: temporaryDirectory() };
    expect(project.loom(["config", "init"], env)).toMatchObject({
      exitCode: 0,
      stdout: "Wrote .loom/config.yml\n",
    });
    expect(project.loom(["config", "show"], env).stdout).toBe(
      "runtime.workspace: isolated  (.loom/config.yml)\nruntime.docker_workspace_mount: ephemeral_volume  (.loom/config.yml)\n",
    );
    const text = readFileSync(join(project.root, ".loom/config.yml"), "utf8");
    expect(project.loom(["config", "init"], env).exitCode).toBe(2);
    expect(readFileSync(join(project.root, ".loom/config.yml"), "utf8")).toBe(text);
    expect(project.loom(["config", "init", "--user"], env).exitCode).toBe(0);

    const elsewhere = temporaryDirectory();
    renameSync(join(project.root, ".loom"), join(project.root, "before"));
    symlinkSync(elsewhere, join(project.root, ".loom"));
    expect(project.loom(["config", "init"], env)).toMatchObject({ exitCode: 2 });
    expect(existsSync(join(elsewhere, "config.yml"))).toBe(false);
  });
});

test("loom runs lists those that ended in one way, or in which one job failed", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
unit: {stage: a, script: ["test ! -e broken"]}
lint: {stage: a, script: ["test ! -e ugly"]}
`,
  });
  const run = (): void => void project.loom(["run", "-q"]);
  run();
  writeFileSync(join(project.root, "broken"), "");
  run();
  writeFileSync(join(project.root, "ugly"), "");
  run();
  const listed = (...args: readonly string[]): number =>
    project
      .loom(["runs", ...args])
      .stdout.split("\n")
      .filter((line) => line !== "").length;
  expect(listed()).toBe(3);
  expect(listed("--status", "failure")).toBe(2);
  expect(listed("--status", "failure", "-n", "1")).toBe(1);
  expect(listed("--job", "lint")).toBe(1);
  expect(project.loom(["runs", "--job", "nope"])).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: "loom: No run is like that\n",
  });
  expect(project.loom(["runs", "--status", "odd"]).exitCode).toBe(2);
});
