// A new phase must be answered for wherever phases are told apart, and the compiler has to be who says where: tables of
// phases are typed by the union, and every `switch` ends in `unreachable`. Here a phase is added to a copy of the
// sources, and the files are counted off in which the compiler then finds something missing.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { plantWorkspace, runTool } from "../deps/planted-workspace.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const VOCABULARY = "packages/core/src/vocabulary.ts";
const TABLE = "packages/reporters/src/table/reporter-table.ts";
const JOB = "packages/workflow/src/schema/job-definition.ts";

/** What ARCHITECTURE.md says about adding a phase, or a key. */
const PARAGRAPH = {
  phase: /\n\*\*A phase\*\*: .*?\n\n/s,
  key: /\n\*\*A key of the workflow\*\*: .*?\n\n/s,
};

/** All at once: to compile the packages takes seconds. */
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
      insertBefore(text, "  readonly allow_failure?:", "  readonly urgent?: boolean | undefined;\n"),
  },
);

test("a new phase of a job does not compile before every place that tells phases apart has answered for it", () => {
  const files = FILES.filter((path) => path !== TABLE && !path.startsWith("packages/workflow/"));
  // The engine is not among them: it carries an optional phase out through `runPhase`, whichever it is.
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
  assert.deepEqual(untold(files, PARAGRAPH.phase), [], "ARCHITECTURE.md names each of them");
});

test("a new key of a job does not compile before it may be written and has been read", () => {
  const files = FILES.filter((path) => path.startsWith("packages/workflow/"));
  assert.deepEqual(files, [
    "packages/workflow/src/graph/job-node.ts",
    "packages/workflow/src/schema/job-keys.ts",
  ]);
  assert.deepEqual(untold([JOB, ...files], PARAGRAPH.key), [], "ARCHITECTURE.md names each of them");
});

test("a row of the table of reporters is all that a reporter needs", () => {
  // The row is not whole; nobody else is concerned, as the list of files above is that of the phase alone.
  assert.ok(FILES.includes(TABLE));
});

/** The files that a paragraph of ARCHITECTURE.md does not name. */
function untold(files, pattern) {
  const [paragraph = ""] = pattern.exec(readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8")) ?? [];
  return files.filter((path) => !paragraph.includes(`\`${path}\``));
}

/** Puts an addition before the only place that reads so. */
function insertBefore(text, place, addition) {
  assert.equal(text.split(place).length, 2, `the text has ${JSON.stringify(place)} once`);
  return text.replace(place, `${addition}${place}`);
}

/** Compiles packages with some files changed. Returns the files that do not compile, in the order of their paths. */
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
