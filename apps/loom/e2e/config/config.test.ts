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

test("loom config show has what is set of the engine, without passwords", () => {
  const project = makeProject({ workflow: WORKFLOW });
  const home = { XDG_CONFIG_HOME: temporaryDirectory(), LOOM_IN_PLACE: "" };
  const show = (env: Readonly<Record<string, string>> = {}): readonly string[] =>
    project
      .loom(["config", "show"], { ...home, ...env })
      .stdout.split("\n")
      .filter((line) => line.startsWith("engine."));
  expect(show()).toEqual([]);
  expect(show({ LOOM_ENGINE: "one,nats://ada:s3cret@two:4333", LOOM_ENGINE_PASSWORD: "s3cret" })).toEqual([
    "engine.url: nats://one,nats://two:4333  (LOOM_ENGINE)",
  ]);
  const file = join(project.root, ".loom/config.yml");
  writeFileSync(
    file,
    "engine: {user: ada, replicas: 3, url: nats://ada:s3cret@host, forward_secrets: true}\n",
  );
  const rest = ["engine.replicas: 3  (.loom/config.yml)", "engine.forward_secrets: true  (.loom/config.yml)"];
  expect(show()).toEqual([
    "engine.url: nats://host  (.loom/config.yml)",
    "engine.user: ada  (.loom/config.yml)",
    ...rest,
  ]);
  expect(show({ LOOM_ENGINE_USER: "bob" })).toEqual([
    "engine.url: nats://host  (.loom/config.yml)",
    "engine.user: bob  (LOOM_ENGINE_USER)",
    ...rest,
  ]);
  expect(project.loom(["config", "show"], { ...home, LOOM_ENGINE: "http://ada:s3cret@host" })).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr:
      'loom: The engine cannot be "http://host": give nats://HOST or nats://HOST:PORT, or several with commas\n',
  });
});

test("loom config init explains the keys of the engine, and each of them is one", () => {
  const project = makeProject({ workflow: WORKFLOW });
  const env = { XDG_CONFIG_HOME: temporaryDirectory(), LOOM_IN_PLACE: "" };
  project.loom(["config", "init"], env);
  const path = join(project.root, ".loom/config.yml");
  const explained = readFileSync(path, "utf8");
  expect(project.loom(["config", "show"], env).stdout).not.toContain("engine.");
  const engine = /^# engine:\n(?:# .*\n)+/mu.exec(explained)?.[0] ?? "";
  writeFileSync(path, engine.replaceAll(/^# /gmu, ""));
  const shown = project.loom(["config", "show"], env).stdout;
  const keys = ["url", "user", "credentials_file", "ca_file", "cert_file", "key_file", "replicas", "lease"];
  for (const key of [...keys, "forward_secrets", "inbox_prefix"]) expect(shown).toContain(`engine.${key}: `);
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
