import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { LAYERS, PURE_LAYERS } from "./layers.mjs";
import { plantWorkspace, runTool } from "./planted-workspace.mjs";

/** Valid sources that the planted files depend on. */
const SOUND = {
  "packages/core/src/index.ts": 'export const CORE: string = "core";\nexport type Word = "a" | "b";\n',
  "packages/scheduler/src/index.ts": 'export const SCHEDULER: string = "scheduler";\n',
  "packages/workflow/src/index.ts": 'export const WORKFLOW: string = "workflow";\n',
  "packages/testkit/src/index.ts": 'export const FAKE: string = "fake";\n',
};

/** Layers without any access to the outside world. */
const WITHOUT_IO = LAYERS.filter((layer) => !layer.nodeBuiltins).map((layer) => layer.name);

const ALL_IO = `import { readFileSync } from "node:fs";
export const all = (): unknown => [Date.now(), Math.random(), readFileSync("all")];
`;

const LINT_FAULTS = [
  {
    name: "a clock in pure code",
    path: "packages/core/src/clock.ts",
    text: "export const clock = (): number => Date.now();\n",
    rule: "eslint(no-restricted-globals)",
  },
  {
    name: "a global reached through globalThis",
    path: "packages/scheduler/src/global.ts",
    text: "export const global = (): unknown => globalThis.performance;\n",
    rule: "eslint(no-restricted-globals)",
  },
  {
    name: "a timer in the engine",
    path: "packages/engine/src/timer.ts",
    text: "export const timer = (done: () => void): unknown => setTimeout(done, 1);\n",
    rule: "eslint(no-restricted-globals)",
  },
  {
    name: "process in the terminal layer",
    path: "packages/cli/src/width.ts",
    text: "export const width = (): number => process.stdout.columns;\n",
    rule: "eslint(no-restricted-globals)",
  },
  {
    name: "Math.random in a package",
    path: "packages/artifacts/src/chance.ts",
    text: "export const chance = (): number => Math.random();\n",
    rule: "eslint(no-restricted-properties)",
  },
  {
    name: "the environment in a package",
    path: "packages/artifacts/src/home.ts",
    text: 'export const home = (): string | undefined => process.env["HOME"];\n',
    rule: "eslint(no-restricted-properties)",
  },
  {
    name: "a Node built-in in pure code",
    path: "packages/workflow/src/read.ts",
    text: 'import { readFileSync } from "node:fs";\nexport const read = (): unknown => [readFileSync];\n',
    rule: "eslint(no-restricted-imports)",
  },
  {
    name: "an import from inside another package",
    path: "packages/ports/src/deep.ts",
    text: 'export { CORE } from "@loom/core/src/index.ts";\n',
    rule: "eslint(no-restricted-imports)",
  },
  {
    name: "a path into another package",
    path: "packages/ports/src/escape.ts",
    text: 'export { CORE } from "../../core/src/index.ts";\n',
    rule: "eslint(no-restricted-imports)",
  },
  {
    name: "vi.mock in a test",
    path: "packages/core/src/mock.test.ts",
    text: 'import { vi } from "vitest";\nvi.mock("./index.ts");\n',
    rule: "eslint(no-restricted-properties)",
  },
  {
    name: "vi.spyOn in a test",
    path: "packages/core/src/spy.test.ts",
    text: 'import { vi } from "vitest";\nvi.spyOn(console, "log");\n',
    rule: "eslint(no-restricted-properties)",
  },
  {
    name: "a focused test",
    path: "packages/core/src/only.test.ts",
    text: 'import { expect, test } from "vitest";\ntest.only("one", () => {\n  expect(1).toBe(1);\n});\n',
    rule: "vitest(no-focused-tests)",
  },
  {
    name: "export *",
    path: "packages/core/src/all.ts",
    text: 'export * from "./index.ts";\n',
    rule: "oxc(no-barrel-file)",
  },
  {
    name: "a default export",
    path: "packages/core/src/default.ts",
    text: "export default 1;\n",
    rule: "import(no-default-export)",
  },
  {
    name: "a file name that is not in kebab-case",
    path: "packages/core/src/someName.ts",
    text: "export const some: number = 1;\n",
    rule: "unicorn(filename-case)",
  },
  {
    name: "console outside the programs",
    path: "packages/artifacts/src/say.ts",
    text: 'export const say = (): void => console.log("x");\n',
    rule: "eslint(no-console)",
  },
  {
    name: "a floating promise",
    path: "packages/artifacts/src/floating.ts",
    text: "export function floating(work: () => Promise<void>): void {\n  work();\n}\n",
    rule: "typescript(no-floating-promises)",
  },
  {
    name: "a promise where a plain function is expected",
    path: "packages/artifacts/src/misused.ts",
    text: "export function misused(items: string[], go: (item: string) => Promise<void>): void {\n  items.forEach(async (item) => go(item));\n}\n",
    rule: "typescript(no-misused-promises)",
  },
  {
    name: "a switch with a missing case",
    path: "packages/core/src/forgets.ts",
    text: 'import type { Word } from "./index.ts";\nexport function forgets(word: Word): number {\n  switch (word) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}\n',
    rule: "typescript(switch-exhaustiveness-check)",
  },
  {
    name: "a thrown string",
    path: "packages/core/src/thrown.ts",
    text: 'export function thrown(): never {\n  throw "text";\n}\n',
    rule: "typescript(only-throw-error)",
  },
  {
    name: "any as a type",
    path: "packages/core/src/any.ts",
    text: "export const any = (value: any): unknown => value;\n",
    rule: "typescript(no-explicit-any)",
  },
  {
    name: "a value of type any",
    path: "packages/artifacts/src/unsafe.ts",
    text: "export function unsafe(text: string): number {\n  const value: { size: number } = JSON.parse(text);\n  return value.size;\n}\n",
    rule: "typescript(no-unsafe-assignment)",
  },
  {
    name: "a type imported without `type`",
    path: "packages/core/src/typed.ts",
    text: 'import { Word } from "./index.ts";\nexport const typed: Word = "a";\n',
    rule: "typescript(consistent-type-imports)",
  },
  {
    name: "an import cycle",
    path: "packages/core/src/cycle-a.ts",
    text: 'import { cycleB } from "./cycle-b.ts";\nexport const cycleA = (): number => cycleB();\n',
    rule: "import(no-cycle)",
    more: {
      "packages/core/src/cycle-b.ts":
        'import { cycleA } from "./cycle-a.ts";\nexport const cycleB = (): number => cycleA();\n',
    },
  },
  {
    name: "a hook behind a condition",
    path: "packages/cli/src/hook.tsx",
    text: 'import { useState } from "react";\nexport function Counter(props: { readonly on: boolean }): number {\n  if (props.on) {\n    const [count] = useState(0);\n    return count;\n  }\n  return 0;\n}\n',
    rule: "react-hooks(rules-of-hooks)",
  },
];

const LINT_ALLOWED = [
  {
    name: "a test of pure code that reads the clock and a file",
    path: "packages/core/src/reads.test.ts",
    text: 'import { readFileSync } from "node:fs";\nimport { expect, test } from "vitest";\ntest("reads", () => {\n  expect([Date.now(), readFileSync("a", "utf8")]).toHaveLength(2);\n});\n',
  },
  {
    name: "a test that imports another package's source by name",
    path: "packages/scheduler/src/typed.test.ts",
    text: 'import { CORE } from "@loom/core";\nimport { expect, test } from "vitest";\ntest("typed", () => {\n  expect(CORE.length).toBe(4);\n});\n',
  },
  {
    name: "the validator's folder reader reading a file",
    path: "packages/phase-validator/src/directory.ts",
    text: 'import { readFileSync } from "node:fs";\nexport const read = (): unknown => [readFileSync];\n',
  },
  {
    name: "named exports of other files",
    path: "packages/ports/src/index.ts",
    text: 'export { CORE, type Word } from "@loom/core";\n',
  },
];

describe("oxlint", () => {
  const purity = WITHOUT_IO.map((layer) => ({ path: `packages/${layer}/src/all-io.ts`, text: ALL_IO }));
  const { rulesIn, dispose } = lint([...LINT_FAULTS, ...LINT_ALLOWED, ...purity]);
  after(dispose);

  for (const { name, path, rule } of LINT_FAULTS) {
    test(`refuses ${name}`, () => assert.deepEqual(rulesIn(path), [rule]));
  }
  for (const { name, path } of LINT_ALLOWED) {
    test(`accepts ${name}`, () => assert.deepEqual(rulesIn(path), []));
  }
  for (const layer of WITHOUT_IO) {
    test(`refuses clock, randomness and files in ${layer}`, () => {
      const found = rulesIn(`packages/${layer}/src/all-io.ts`).filter((rule) => rule.includes("restricted"));
      assert.deepEqual(found, [
        "eslint(no-restricted-globals)",
        "eslint(no-restricted-imports)",
        "eslint(no-restricted-properties)",
      ]);
    });
  }
});

const CRUISE_FAULTS = [
  {
    name: "an import of the layer above",
    path: "packages/core/src/above.ts",
    text: 'export { SCHEDULER } from "../../scheduler/src/index.ts";\n',
    rules: ["core-imports-only-its-layers", "no-escape-by-path"],
  },
  {
    name: "an undeclared workspace package",
    path: "packages/core/src/undeclared.ts",
    text: 'export { SCHEDULER } from "@loom/scheduler";\n',
    rules: ["no-unresolvable"],
  },
  {
    name: "an import from the same layer",
    path: "packages/engine/src/sideways.ts",
    text: 'export { WORKFLOW } from "../../workflow/src/index.ts";\n',
    rules: ["engine-imports-only-its-layers", "no-escape-by-path"],
  },
  {
    name: "a Node built-in in pure code",
    path: "packages/core/src/files.ts",
    text: 'import { readFileSync } from "node:fs";\nexport const files = readFileSync;\n',
    rules: ["core-no-node-builtins"],
  },
  {
    name: "a Node built-in in the engine",
    path: "packages/engine/src/spawns.ts",
    text: 'import { spawn } from "node:child_process";\nexport const spawns = spawn;\n',
    rules: ["engine-no-node-builtins"],
  },
  {
    name: "files in a rule of the validator",
    path: "packages/phase-validator/src/rule.ts",
    text: 'import { readFileSync } from "node:fs";\nexport const rule = readFileSync;\n',
    rules: ["phase-validator-no-node-builtins"],
  },
  {
    name: "a test tool in a source",
    path: "packages/artifacts/src/tool.ts",
    text: 'import { test } from "vitest";\nexport const tool = test;\n',
    rules: ["artifacts-third-party", "no-dev-dependencies"],
  },
  {
    name: "an undeclared npm package",
    path: "packages/artifacts/src/npm.ts",
    text: 'import { parse } from "yaml";\nexport const npm = parse;\n',
    rules: ["no-unresolvable"],
  },
  {
    name: "a cycle",
    path: "packages/core/src/cycle-a.ts",
    text: 'import { cycleB } from "./cycle-b.ts";\nexport const cycleA = () => cycleB();\n',
    rules: ["no-cycles"],
    more: {
      "packages/core/src/cycle-b.ts":
        'import { cycleA } from "./cycle-a.ts";\nexport const cycleB = () => cycleA();\n',
    },
  },
  {
    name: "the testkit in a source",
    path: "packages/engine/src/fake.ts",
    text: 'export { FAKE } from "@loom/testkit";\n',
    rules: ["engine-imports-only-its-layers", "testkit-from-tests-only"],
  },
  {
    name: "a test imported by a source",
    path: "packages/core/src/imports-test.ts",
    text: 'export { one } from "./one.test.ts";\n',
    rules: ["no-tests-from-sources"],
    more: { "packages/core/src/one.test.ts": "export const one = 1;\n" },
  },
  {
    name: "a package without a row in the table",
    path: "packages/extra/src/index.ts",
    text: 'export { CORE } from "../../core/src/index.ts";\n',
    rules: ["no-escape-by-path", "no-unknown-packages"],
  },
];

const CRUISE_ALLOWED = [
  {
    name: "an import of a layer below",
    path: "packages/ports/src/index.ts",
    text: 'export { CORE } from "@loom/core";\n',
  },
  {
    name: "the validator's folder reader reading a file",
    path: "packages/phase-validator/src/directory.ts",
    text: 'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
  },
  {
    name: "the testkit in a test",
    path: "packages/engine/src/fake.test.ts",
    text: 'import { FAKE } from "@loom/testkit";\nexport const fake = FAKE;\n',
  },
];

describe("dependency-cruiser", () => {
  const { rulesIn, dispose } = cruise([...CRUISE_FAULTS, ...CRUISE_ALLOWED]);
  after(dispose);

  for (const { name, path, rules } of CRUISE_FAULTS) {
    test(`refuses ${name}`, () => assert.deepEqual(rulesIn(path), rules));
  }
  for (const { name, path } of CRUISE_ALLOWED) {
    test(`accepts ${name}`, () => assert.deepEqual(rulesIn(path), []));
  }
});

describe("the compiler", () => {
  const outside = PURE_LAYERS.map((layer) => [
    `packages/${layer}/src/index.ts`,
    "export const outside = (): unknown => [process, setTimeout, console];\n",
  ]);
  const { root, dispose } = plantWorkspace({ ...SOUND, ...Object.fromEntries(outside) });
  after(dispose);
  const { text } = runTool(root, "oxlint", ["--allow", "all", "--type-check", "--format=json", "packages"]);
  const { diagnostics } = JSON.parse(text.slice(text.indexOf("{")));

  for (const layer of PURE_LAYERS) {
    test(`knows no process, timer or console in ${layer}`, () => {
      const unknown = diagnostics
        .filter(({ filename }) => filename === `packages/${layer}/src/index.ts`)
        .flatMap(({ message }) => /Cannot find name '(\w+)'/.exec(message)?.[1] ?? []);
      assert.deepEqual(unknown, ["process", "setTimeout", "console"]);
    });
  }
});

function lint(plants) {
  const { root, dispose } = plantAll(plants);
  const { text } = runTool(root, "oxlint", ["--format=json", "packages"]);
  const { diagnostics } = JSON.parse(text.slice(text.indexOf("{")));
  const rulesIn = (path) =>
    sortedOnce(diagnostics.filter(({ filename }) => filename === path).map(({ code }) => code));
  return { rulesIn, dispose };
}

function cruise(plants) {
  const { root, dispose } = plantAll(plants);
  const config = ["--config", "tooling/deps/dependency-cruiser.mjs"];
  const { text } = runTool(root, "depcruise", [...config, "-T", "json", "packages"]);
  const { violations } = JSON.parse(text.slice(text.indexOf("{"))).summary;
  const rulesIn = (path) =>
    sortedOnce(violations.filter(({ from }) => from === path).map(({ rule }) => rule.name));
  return { rulesIn, dispose };
}

function plantAll(plants) {
  const files = plants.flatMap(({ path, text, more = {} }) => [[path, text], ...Object.entries(more)]);
  return plantWorkspace({ ...SOUND, ...Object.fromEntries(files) });
}

function sortedOnce(words) {
  return [...new Set(words)].toSorted((a, b) => (a < b ? -1 : 1));
}
