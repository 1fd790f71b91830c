// A copied example has only published packages: its manifest depends only on those, and its files import only
// them, Node's modules and each other.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const IMPORT = /\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g;

const published = globSync("packages/*/package.json", { cwd: ROOT })
  .map(readJson)
  .filter((manifest) => manifest.private !== true)
  .map(({ name }) => name);

for (const path of globSync("examples/*/package.json", { cwd: ROOT })) {
  const { dependencies, devDependencies } = readJson(path);
  const asked = Object.keys({ ...dependencies, ...devDependencies });
  const ofLoom = asked.filter((name) => name.startsWith("@loom/"));
  if (ofLoom.length === 0) continue;

  test(`${dirname(path)} depends only on published Loom packages`, () => {
    assert.deepEqual(
      asked.filter((name) => !published.includes(name)),
      [],
    );
  });

  test(`${dirname(path)} imports only its dependencies, and nothing outside its folder`, () => {
    const folder = join(ROOT, dirname(path));
    const used = new Set();
    for (const file of globSync("**/*.mjs", { cwd: folder, exclude: ["node_modules/**"] })) {
      const text = readFileSync(join(folder, file), "utf8");
      for (const name of [...text.matchAll(IMPORT)].map(([, stated, dynamic]) => stated ?? dynamic)) {
        if (name.startsWith("node:"))
          assert.ok(builtinModules.includes(name.slice(5)) || name === "node:test", name);
        else if (name.startsWith(".")) {
          const target = join(folder, dirname(file), name);
          assert.ok(!relative(folder, target).startsWith(".."), `${file} imports ${name}`);
          assert.ok(existsSync(target), `${file} imports ${name}`);
        } else used.add(name.split("/").slice(0, 2).join("/"));
      }
    }
    assert.deepEqual(used, new Set(asked));
  });
}

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}
