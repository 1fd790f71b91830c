import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";

import { layerRows, layerTable, readLayerTable } from "./layer-table.mjs";
import { LAYERS, PURE_LAYERS } from "./layers.mjs";

const ROOT = resolve(import.meta.dirname, "../..");

/** The program bundles all its dependencies, so its manifest has none at run time. */
const BUNDLED = "loom";

describe("LAYERS", () => {
  test("has a row for every package, and no other", () => {
    const folders = globSync(["packages/*/package.json", "apps/*/package.json"], { cwd: ROOT });
    const packages = folders.map((path) => path.replace("/package.json", ""));
    assert.deepEqual(inOrder(LAYERS.map((layer) => `${layer.root}/${layer.name}`)), inOrder(packages));
  });

  test("has no cycle", () => {
    const settled = new Set();
    for (let before = -1; before < settled.size;) {
      before = settled.size;
      for (const layer of LAYERS)
        if (layer.mayImport.every((name) => settled.has(name))) settled.add(layer.name);
    }
    assert.deepEqual(
      LAYERS.map((layer) => layer.name).filter((name) => !settled.has(name)),
      [],
    );
  });

  for (const layer of LAYERS.filter(({ name }) => name !== BUNDLED)) {
    test(`allows all dependencies in the manifest of ${layer.name}`, () => {
      const entryImports = (layer.entries ?? []).flatMap((entry) => entry.mayImport);
      const allowed = [...layer.mayImport, ...entryImports]
        .map((name) => `@loom/${name}`)
        .concat(layer.thirdParty);
      const manifest = readJson(`${layer.root}/${layer.name}/package.json`);
      const asked = Object.keys({
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
      });
      assert.deepEqual(
        asked.filter((name) => !allowed.includes(name)),
        [],
      );
    });
  }

  test("marks as pure the packages that compile without Node's types", () => {
    const pure = LAYERS.map((layer) => layer.name).filter((name) =>
      readFileSync(
        join(ROOT, LAYERS.find((layer) => layer.name === name).root, name, "tsconfig.json"),
        "utf8",
      ).includes("@loom/tsconfig/pure.json"),
    );
    assert.deepEqual(pure, PURE_LAYERS);
  });

  test("matches ARCHITECTURE.md; `node tooling/deps/layer-table.mjs` prints the table", () => {
    assert.deepEqual(readLayerTable(readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8")), layerRows());
  });
});

describe("readLayerTable()", () => {
  test("reads what layerTable() prints, with prose around it and code marks within", () => {
    const table = layerTable().replace("| core |", "|  `core` |");
    assert.deepEqual(readLayerTable(`# Layers\n\n${table}\n\nMore.\n`), layerRows());
  });

  test("finds nothing in a page with another table", () => {
    assert.equal(readLayerTable("| a | b |\n| - | - |\n| 1 | 2 |\n"), undefined);
  });
});

describe("tsconfig.json at the root", () => {
  test("names every additional configuration of a package, so that the typed lint rules cover all files", () => {
    const listed = readJson("tsconfig.json").references.map(({ path }) => path);
    const present = globSync(["packages/*/tsconfig.*.json", "apps/*/tsconfig.*.json"], { cwd: ROOT });
    assert.deepEqual(inOrder(listed), inOrder(present));
  });
});

/** JSON with whole-line comments, as in `tsconfig.json`. */
function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8").replaceAll(/^\s*\/\/.*$/gm, ""));
}

function inOrder(names) {
  return names.toSorted((a, b) => (a < b ? -1 : 1));
}
