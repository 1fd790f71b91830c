// Runs the commands in the README of `@loom/cli` for bundling a program with the screen.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { fencedBlocks } from "./fenced-blocks.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const WORK = mkdtempSync(join(tmpdir(), "loom-bundle-"));
after(() => rmSync(WORK, { recursive: true, force: true }));

test("a program with the screen, bundled as the README of cli says, starts", () => {
  mkdirSync(join(WORK, "node_modules/@loom"), { recursive: true });
  symlinkSync(join(ROOT, "packages/cli"), join(WORK, "node_modules/@loom/cli"));
  writeFileSync(
    join(WORK, "app.ts"),
    'import { startTui } from "@loom/cli";\nconsole.log(typeof startTui);\n',
  );
  const commands = fencedBlocks(readFileSync(join(ROOT, "packages/cli/README.md"), "utf8")).find(
    ({ info, code }) => info === "sh" && code.includes("npx esbuild "),
  );
  assert.ok(commands, "the README has them");
  run("sh", ["-ec", commands.code.replace("npx esbuild", `"${esbuild()}" --conditions=@loom/source`)]);
  assert.equal(run(process.execPath, ["app.mjs"]), "function\n");
});

/** The esbuild that comes with tsup. */
function esbuild() {
  const tsup = createRequire(join(ROOT, "tooling/tsup/package.json")).resolve("tsup");
  return join(createRequire(tsup).resolve("esbuild/package.json"), "../bin/esbuild");
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: WORK, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}
