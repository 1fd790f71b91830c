import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeEmptyChunks } from "./without-empty-chunks.ts";

test("removeEmptyChunks() removes files without a character and what imports them, and nothing else", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "loom-chunks-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = {
    "a.js": 'import{b}from"./b.js";import"./empty.js";import"./b.js";b();',
    "b.js": "export const b=()=>1;",
    "empty.js": "",
    "empty.txt": "",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  removeEmptyChunks(folder);
  assert.deepEqual(readdirSync(folder).sort(), ["a.js", "b.js", "empty.txt"]);
  assert.equal(readFileSync(join(folder, "a.js"), "utf8"), 'import{b}from"./b.js";import"./b.js";b();');
  assert.equal(readFileSync(join(folder, "b.js"), "utf8"), files["b.js"]);
});
