import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";

import { CHECKS, checksNamed } from "./checks.mjs";
import { loomWorkflow } from "./loom-workflow.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
/** Tasks that other tasks depend on: they are no checks. `sources` only tells Turborepo what a package reads. */
const OF_PACKAGES = ["build", "sources"];
const read = (path) => readFileSync(join(ROOT, path), "utf8");

describe("CHECKS", () => {
  test("match this repository's workflow; `node tooling/scripts/loom-workflow.mjs` prints it", () => {
    assert.equal(read(".loom/workflow.yml"), loomWorkflow());
  });

  test("and no other tasks are in Turborepo, and each root task is a script there", () => {
    const tasks = Object.keys(JSON.parse(read("turbo.json")).tasks).filter(
      (task) => !task.startsWith("@") && !OF_PACKAGES.includes(task),
    );
    assert.deepEqual(tasks.toSorted(), [...new Set(CHECKS.map(({ task }) => task))].toSorted());
    const { scripts } = JSON.parse(read("package.json"));
    const ofRoot = tasks.filter((task) => task.startsWith("//#")).map((task) => task.slice("//#".length));
    assert.deepEqual(
      ofRoot.filter((script) => !(script in scripts)),
      [],
    );
  });
});

describe("checksNamed()", () => {
  const named = (...names) => checksNamed(names).map(({ name }) => name);

  test("are all without a name", () => {
    assert.deepEqual(checksNamed([]), CHECKS);
  });

  test("have the build before checks of later stages, so that they run in a clone that was never built", () => {
    assert.deepEqual(named("documents", "lint"), ["build", "lint", "documents"]);
    assert.deepEqual(named("api-reports"), ["build", "api-reports"]);
    assert.deepEqual(named("lint", "build"), ["build", "lint"]);
  });

  test("are the build alone if only that is named", () => {
    assert.deepEqual(named("build"), ["build"]);
  });
});

describe("package.json", () => {
  test("depends on the pnpm that it names as package manager, since Turborepo requires one", () => {
    const { devDependencies, packageManager } = JSON.parse(read("package.json"));
    assert.equal(packageManager, `pnpm@${devDependencies.pnpm}`);
  });
});
