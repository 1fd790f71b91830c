import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { test } from "node:test";

const ROOT = resolve(import.meta.dirname, "../..");
const { parse } = createRequire(join(ROOT, "packages/workflow/package.json"))("yaml");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

const workflows = globSync(".github/workflows/*.yml", { cwd: ROOT }).map((path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, ...parse(text) };
});
const stepsOf = ({ jobs }) => Object.values(jobs).flatMap(({ steps }) => steps);

test("there are the workflows that CONTRIBUTING.md names", () => {
  const names = new Set(workflows.map(({ name }) => name));
  assert.deepEqual(names, new Set(["CI", "CodeQL", "Dependency review", "Release", "Thorough"]));
});

test("each says what it may do, how long it may take, and runs only actions of one commit", () => {
  for (const workflow of workflows) {
    const { path, text, permissions, jobs } = workflow;
    assert.ok(permissions !== undefined, `${path} has no permissions`);
    assert.ok(!Object.values(permissions).includes("write"), `${path}: what may write is for a job to say`);
    for (const [name, job] of Object.entries(jobs)) assert.ok(job["timeout-minutes"] > 0, `${path}: ${name}`);
    for (const { uses } of stepsOf(workflow))
      if (uses !== undefined)
        assert.match(text, new RegExp(`uses: ${uses.split("@")[0]}@[0-9a-f]{40} # v\\d`, "u"));
  }
});

test("each calls scripts that are there", () => {
  for (const workflow of workflows)
    for (const step of stepsOf(workflow)) {
      const commands = [step.run, step.with?.["version-script"], step.with?.["publish-script"]].join("\n");
      for (const [, script] of commands.matchAll(/npm run (?:--silent )?(\S+)/gu))
        assert.ok(script in scripts, `${workflow.path}: npm run ${script}`);
      for (const [file] of commands.matchAll(/tooling\/scripts\/\S+\.mjs/gu)) readFileSync(join(ROOT, file));
    }
});

test("one runs all checks on every version of Node that the program needs", () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "apps/loom/package.json"), "utf8"));
  const [, oldest] = /(\d+)/u.exec(engines.node) ?? [];
  const { matrix } = workflows.find(({ name }) => name === "CI").jobs.checks.strategy;
  assert.equal(String(matrix.node[0]), oldest);
  assert.equal(String(matrix.node.at(-1)), readFileSync(join(ROOT, ".node-version"), "utf8").trim());
});
