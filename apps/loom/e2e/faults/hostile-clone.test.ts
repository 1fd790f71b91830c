import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";

const WORKFLOW = "version: v1\nstages: [a]\nj: {stage: a, script: [echo done]}\n";

describe("a repository of a stranger", () => {
  test.each([".loom/.runtime", ".loom/.runtime/receipts", ".loom/.runtime/logs", ".loom/.runtime/active"])(
    "with a link at %s makes no command write through it",
    (path) => {
      const project = makeProject({ workflow: WORKFLOW });
      const elsewhere = join(project.root, "elsewhere");
      mkdirSync(elsewhere);
      mkdirSync(join(project.root, path, ".."), { recursive: true });
      symlinkSync(elsewhere, join(project.root, path));
      for (const args of [
        ["check"],
        ["run"],
        ["runs"],
        ["recover", "last"],
        ["explain"],
        ["logs"],
        ["show"],
      ]) {
        const { stderr } = project.loom(args);
        expect(stderr).not.toMatch(/internal error/u);
      }
      expect(project.loom(["run"])).toMatchObject({
        exitCode: 1,
        stdout: "",
        stderr: `loom: Cannot keep evidence in "${join(project.root, path)}": it is a symbolic link. Remove it; Loom makes its own\n`,
      });
      expect(readdirSync(elsewhere)).toEqual([]);
    },
  );

  test("with a link in the place of .gitignore overwrites nothing", () => {
    const project = makeProject({ workflow: WORKFLOW });
    writeFileSync(join(project.root, "profile"), "precious");
    mkdirSync(join(project.root, ".loom/.runtime"));
    symlinkSync(join(project.root, "profile"), join(project.root, ".loom/.runtime/.gitignore"));
    expect(project.loom(["check"]).exitCode).toBe(0);
    expect(readFileSync(join(project.root, "profile"), "utf8")).toBe("precious");
  });

  test("with an interrupted run full of links is not recovered through them", () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run"]);
    const { directory } = project.lastRun();
    const events = readFileSync(join(directory, "events.jsonl"), "utf8").trimEnd().split("\n");
    writeFileSync(join(directory, "events.jsonl"), `${events.slice(0, -2).join("\n")}\n`);
    const elsewhere = join(project.root, "elsewhere");
    mkdirSync(elsewhere);
    rmSync(join(directory, "pipeline/manifest.json"));
    symlinkSync(join(elsewhere, "x"), join(directory, "pipeline/manifest.json"));
    const { exitCode, stderr } = project.loom(["recover", "last"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `loom: Cannot keep evidence in "${join(directory, "pipeline/manifest.json")}": it is a symbolic link. Remove it; Loom makes its own\n`,
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe("the compile cache", () => {
  function versionBy(env: Record<string, string>, root: string): void {
    spawnSync(process.execPath, [LOOM, "--help"], { cwd: root, env: { PATH: process.env["PATH"], ...env } });
  }

  test("lies in a folder of the user's own, and never below TMPDIR", () => {
    const { root } = makeProject({ workflow: WORKFLOW });
    const [home, temporary] = [join(root, "home"), join(root, "tmp")];
    for (const folder of [home, temporary]) mkdirSync(folder);
    versionBy({ HOME: home, TMPDIR: temporary }, root);
    expect(readdirSync(join(home, ".cache/loom/compiled")).length).toBe(1);
    expect(readdirSync(temporary)).toEqual([]);
    versionBy({ TMPDIR: temporary }, root);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("is not used in a folder that others may write to, or that is a link", () => {
    const { root } = makeProject({ workflow: WORKFLOW });
    const open = join(root, "open");
    mkdirSync(join(open, "loom/compiled"), { recursive: true });
    chmodSync(join(open, "loom"), 0o777);
    versionBy({ XDG_CACHE_HOME: open }, root);
    expect(readdirSync(join(open, "loom/compiled"))).toEqual([]);
    const linked = join(root, "linked");
    mkdirSync(join(linked, "loom"), { recursive: true });
    mkdirSync(join(root, "planted"));
    symlinkSync(join(root, "planted"), join(linked, "loom/compiled"));
    versionBy({ XDG_CACHE_HOME: linked }, root);
    expect(existsSync(join(root, "planted")) && readdirSync(join(root, "planted"))).toEqual([]);
  });
});
