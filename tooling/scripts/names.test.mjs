// A name means one thing in the whole repository: if two packages exported it with different meanings, a search
// would find both.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");

test("no two packages export the same name with different meanings", () => {
  const packagesOf = new Map();
  for (const path of globSync("{packages,apps}/*/src/**/*.{ts,tsx}", { cwd: ROOT })) {
    if (path.includes(".test.")) continue;
    const text = readFileSync(join(ROOT, path), "utf8");
    const declared = /^export (?:async )?(?:abstract )?(?:class|function|const|interface|type) (\w+)/gmu;
    for (const [, name] of text.matchAll(declared)) {
      const packages = packagesOf.get(name) ?? new Set();
      packagesOf.set(name, packages.add(path.split("/")[1]));
    }
  }
  const shared = [...packagesOf].filter(([, packages]) => packages.size > 1);
  assert.deepEqual(
    shared.map(([name, packages]) => `${name}: ${[...packages].join(", ")}`),
    [],
  );
});
