import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { promisify } from "node:util";
import { init } from "es-module-lexer";
import { replaceBuiltinImports } from "./without-builtin-imports.ts";

await init;
const FS = 'process.getBuiltinModule("fs")';

for (const [code, expected] of [
  ['import{readFile}from"fs";readFile()', `const {readFile}=${FS};;readFile()`],
  ['import{readFile as a,stat as $b}from"fs";', `const {readFile:a,stat:$b}=${FS};;`],
  ["import { readFile as a, stat } from 'fs';", `const {readFile:a,stat}=${FS};;`],
  ['import a from"fs";', `const a=${FS};;`],
  ['import*as a from"fs";', `const a=${FS};;`],
  ['import a,{stat as b}from"fs";', `const a=${FS},{stat:b}=${FS};;`],
  ['import a,*as b from"fs";', `const a=${FS},b=${FS};;`],
  ['import{default as a,stat}from"fs";', `const a=${FS},{stat}=${FS};;`],
  ['import{stat}from"node:fs/promises";', 'const {stat}=process.getBuiltinModule("node:fs/promises");;'],
  ['import"fs";a()', ";a()"],
  ['import{a}from"./a.js";a(import("fs"))', 'import{a}from"./a.js";a(import("fs"))'],
  ["const a='import{b}from\"fs\"'", "const a='import{b}from\"fs\"'"],
  ['a();import{stat}from"fs";b()', `const {stat}=${FS};a();;b()`],
]) {
  test(`replaceBuiltinImports() of ${code}`, () => {
    assert.equal(replaceBuiltinImports(code), expected);
  });
}

test("replaceBuiltinImports() gives CommonJS a require that knows Node's modules and refuses others", async () => {
  const code = 'export const stat=require("fs").statSync;export const other=()=>require("other");';
  const loaded = await import(`data:text/javascript,${encodeURIComponent(replaceBuiltinImports(code))}`);
  assert.equal(typeof loaded.stat, "function");
  assert.throws(loaded.other, /Cannot find module "other"/u);
});

test("replaceBuiltinImports() has child_process and crypto loaded when something of them is used", async (t) => {
  const load = t.mock.method(process, "getBuiltinModule");
  const code =
    'import{createHash as a,Hash}from"node:crypto";import{execFile}from"child_process";import whole from"child_process";export{a,Hash,execFile,whole};';
  const lazy = await import(`data:text/javascript,${encodeURIComponent(replaceBuiltinImports(code))}`);
  // A class cannot be made later.
  assert.deepEqual(
    load.mock.calls.map((call) => call.arguments),
    [["node:crypto"]],
  );
  assert.equal(typeof lazy.Hash, "function");
  const expected = createHash("sha256").update("text").digest("hex");
  assert.equal(lazy.a("sha256").update("text").digest("hex"), expected);
  for (const execFile of [lazy.execFile, lazy.whole.execFile]) {
    const { stdout } = await promisify(execFile)(process.execPath, ["-p", "1"]);
    assert.equal(stdout, "1\n");
  }
});
