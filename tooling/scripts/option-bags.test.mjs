import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);

// Otherwise, with `exactOptionalPropertyTypes`, a caller could not pass on a value that may be undefined.
test("an optional option may be given as undefined", () => {
  const strict = [];
  for (const path of globSync("packages/*/etc/*.api.md", { cwd: root })) {
    const report = readFileSync(new URL(path, root), "utf8");
    for (const [, name, body] of report.matchAll(/^export interface (\w+)[^{\n]*\{\n(.*?)^\}/gms)) {
      if (!/(?:Options|Query|Flags)$/.test(name)) continue;
      for (const [line] of body.matchAll(/^ {4}(?:readonly )?\w+\?: [^{\n]*$/gm)) {
        if (!line.includes("| undefined;")) strict.push(`${path}: ${name}: ${line.trim()}`);
      }
    }
  }
  assert.deepEqual(strict, []);
});
