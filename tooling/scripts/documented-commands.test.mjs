import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, describe, test } from "node:test";

import { fencedBlocks } from "./fenced-blocks.mjs";

const ROOT = resolve(import.meta.dirname, "../..");

/** What a contributor has, and the system programs that launchers of installed programs need. */
const ON_PATH = ["node", "npm", "npx", "git", "sh", "env", "dirname", "basename", "sed", "uname", "readlink"];

/**
 * The arguments with which each command of CONTRIBUTING.md is tried: they keep it short and without side
 * effects, while it still has to find what it runs.
 */
const TRIED = {
  setup: [],
  test: ["file-names"],
  build: [],
  typecheck: ["packages/ports"],
  lint: ["tooling/scripts/checks.mjs"],
  "test:unit": ["--filter=@loom/ports"],
  loom: ["--version"],
  dev: ["--version"],
  "check:package": ["scheduler"],
  simulate: ["--seed", "29311"],
  changeset: ["--help"],
  // Half of `api:update`; the other half is in `build`.
  "check:api": ["core"],
};

/** They change files, or take minutes. */
const NOT_TRIED = [
  "coverage",
  "test:watch",
  "bench",
  "fix",
  "api:update",
  "soak",
  "docs:build",
  "docs:dev",
  "docs:preview",
  "test:mutants",
  "release:version",
  "release:publish",
  "release:rehearse",
];

describe("CONTRIBUTING.md", () => {
  const path = mkdtempSync(join(tmpdir(), "loom-path-"));
  after(() => rmSync(path, { recursive: true, force: true }));
  for (const name of ON_PATH) symlinkSync(onMachine(name), join(path, name));

  test("names only commands that are tried here", () => {
    const known = [...Object.keys(TRIED), ...NOT_TRIED];
    assert.deepEqual(
      documentedCommands().filter((script) => !known.includes(script)),
      [],
    );
  });

  for (const [script, words] of Object.entries(TRIED)) {
    test(`has a command \`npm run ${script}\` that works with only node, npm and git`, () => {
      const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", script, "--", ...words], {
        cwd: ROOT,
        encoding: "utf8",
        env: { HOME: process.env.HOME, TMPDIR: tmpdir(), PATH: path, TURBO_TELEMETRY_DISABLED: "1" },
      });
      assert.equal(status, 0, `${stdout}${stderr}`);
    });
  }
});

/** The scripts called in its `sh` blocks. */
function documentedCommands() {
  const page = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const lines = fencedBlocks(page)
    .filter(({ info }) => info === "sh")
    .flatMap(({ code }) => code.split("\n"));
  const inProse = [...page.matchAll(/`npm run ([a-z][\w:-]*)/gu)].map(([, name]) => name);
  const inBlocks = lines.flatMap((line) => /^npm (?:run )?([a-z][\w:-]*)/u.exec(line)?.[1] ?? []);
  return [...new Set([...inBlocks, ...inProse])];
}

/** The machine's path of a program, outside the installed dependencies. */
function onMachine(name) {
  const folders = process.env.PATH.split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  assert.ok(found, `${name} is not on PATH`);
  return found;
}
