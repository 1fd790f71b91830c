import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

const PAGE = readFileSync(join(resolve(import.meta.dirname, "../.."), "docs/glossary.md"), "utf8");
const entries = PAGE.split("\n").filter((line) => line.startsWith("- "));
const terms = entries.map((line) => /^- \*\*(?<term>[a-z ]+)\*\*: \S/u.exec(line)?.groups?.term ?? line);

test("the glossary has each term once, in alphabetical order", () => {
  assert.ok(terms.length > 40);
  assert.deepEqual(terms, [...new Set(terms)].toSorted());
});
