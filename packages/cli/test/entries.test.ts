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
  return fileURLToPath(new URL(`../src/${path}`, import.meta.url));
}

test("the main entry loads neither Ink nor React, nor anything of Node", () => {
  expect([...packagesOf(entry("index.ts"))].toSorted()).toEqual(["@loom/core", "@loom/record"]);
});

test("the entry of the screen loads Ink and React", () => {
  expect([...packagesOf(entry("tui/index.ts"))]).toEqual(expect.arrayContaining(["ink"]));
});
