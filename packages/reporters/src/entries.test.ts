import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The packages that a source file loads, itself or through its neighbours. Types are not loaded. */
function packagesOf(file: string, seen: Set<string> = new Set()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const source = readFileSync(file, "utf8");
  for (const [, name = ""] of source.matchAll(/^(?:import|export)(?! type )[^;]*? from "([^"]+)";/gm)) {
    if (!name.startsWith(".")) packages.add(name);
    else for (const found of packagesOf(resolve(dirname(file), name), seen)) packages.add(found);
  }
  return packages;
}

function entry(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

test.each(["index.ts", "view.ts"])("%s loads nothing of Node, and no screen", (path) => {
  const allowed = ["@loom/core", "@loom/record", "string-width"];
  expect([...packagesOf(entry(path))].filter((name) => !allowed.includes(name))).toEqual([]);
});

test("state.ts, which every run loads that goes on for a moment, does not load what measures text", () => {
  expect([...packagesOf(entry("state.ts"))].toSorted()).toEqual(["@loom/core", "@loom/record"]);
});
