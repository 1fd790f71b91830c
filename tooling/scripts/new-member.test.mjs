// A new phase must be handled wherever phases are distinguished, and the compiler has to say where: tables of
// phases are typed by the union, and every `switch` ends in `unreachable`. This adds a phase to a copy of the
// sources, and checks in which files the compiler then finds something missing.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { plantWorkspace, runTool } from "../deps/planted-workspace.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const VOCABULARY = "packages/core/src/vocabulary.ts";
const TABLE = "packages/reporters/src/table/reporter-table.ts";
const JOB = "packages/workflow/src/schema/job-definition.ts";

/** ARCHITECTURE.md on adding a phase or a key. */
const PARAGRAPH = {
  phase: /\n\*\*A phase\*\*: .*?\n\n/s,
  key: /\n\*\*A key of the workflow\*\*: .*?\n\n/s,
};

/** All at once, because compiling the packages takes seconds. */
const FILES = filesWithErrors(
  ["core", "engine", "phase-validator", "artifacts", "simulation", "reporters", "workflow", "runner"],
  {
    [VOCABULARY]: (text) => insertBefore(text, '"job.artifact_restore"] as const', '"job.approve", '),
    [TABLE]: (text) =>
      insertBefore(
        text,
        '  {\n    name: "plain",\n',
        '  { name: "stairs", help: "one step after the other" },\n',
      ),
    [JOB]: (text) =>
      insertBefore(text, "  readonly runner_pool?:", "  readonly urgent?: boolean | undefined;\n"),
  },
);

test("a new job phase does not compile until every place that distinguishes phases handles it", () => {
  const files = FILES.filter((path) => path !== TABLE && !path.startsWith("packages/workflow/"));
  // The engine is not among them: it runs any optional phase through `runPhase`.
  assert.deepEqual(files, [
    "packages/artifacts/src/projection/job-failure.ts",
    "packages/core/src/plan-facts.ts",
    "packages/core/src/replay-run.ts",
    "packages/core/src/step-job.ts",
    "packages/core/src/vocabulary.ts",
    "packages/phase-validator/src/rules/required-phases.ts",
    "packages/runner/src/phases/job-phases.ts",
    "packages/simulation/src/checks/check-jobs.ts",
    "packages/simulation/src/virtual/virtual-provider.ts",
  ]);
  assert.deepEqual(unnamed(files, PARAGRAPH.phase), [], "ARCHITECTURE.md names each of them");
});

test("a new job key does not compile until it is allowed and read", () => {
  const files = FILES.filter((path) => path.startsWith("packages/workflow/"));
  assert.deepEqual(files, [
    "packages/workflow/src/graph/job-node.ts",
    "packages/workflow/src/schema/job-keys.ts",
  ]);
  assert.deepEqual(unnamed([JOB, ...files], PARAGRAPH.key), [], "ARCHITECTURE.md names each of them");
});

test("a reporter needs only a row in the table of reporters", () => {
  // The row is incomplete; no other file is affected, as the files above are all about the phase.
  assert.ok(FILES.includes(TABLE));
});

/** The files that a paragraph of ARCHITECTURE.md fails to name. */
function unnamed(files, pattern) {
  const [paragraph = ""] = pattern.exec(readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8")) ?? [];
  return files.filter((path) => !paragraph.includes(`\`${path}\``));
}

/** Inserts text before the only occurrence of an anchor. */
function insertBefore(text, place, addition) {
  assert.equal(text.split(place).length, 2, `the text has ${JSON.stringify(place)} once`);
  return text.replace(place, `${addition}${place}`);
}

/** Compiles packages with some files changed. Returns the files that do not compile, sorted by path. */
function filesWithErrors(packages, changes) {
  const paths = globSync("packages/*/src/**/*.{ts,tsx}", { cwd: ROOT, exclude: ["**/*.test.*"] });
  const texts = paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]);
  const { root, dispose } = plantWorkspace(
    Object.fromEntries(texts.map(([path, text]) => [path, changes[path]?.(text) ?? text])),
  );
  after(dispose);
  const folders = packages.map((name) => `packages/${name}/src`);
  const { text } = runTool(root, "oxlint", ["--allow", "all", "--type-check", "--format=json", ...folders]);
  const { diagnostics } = JSON.parse(text.slice(text.indexOf("{")));
  const wrong = diagnostics.filter(({ code }) => code?.startsWith("typescript(TS"));
  return [...new Set(wrong.map(({ filename }) => filename))].toSorted((a, b) => (a < b ? -1 : 1));
}
