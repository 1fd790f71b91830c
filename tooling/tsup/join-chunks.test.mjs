import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "tsup";
import { groupsOf, joinChunks } from "./join-chunks.ts";

test("groupsOf() puts together what the same commands load, and leaves out what they begin with or none loads", () => {
  const imports = new Map([
    ["main", ["m1"]],
    ["m1", ["m2"]],
    ["m2", []],
    ["a", ["a1", "a2", "both1"]],
    ["b", ["both2", "m2"]],
    ["a1", []],
    ["a2", ["both2"]],
    ["both1", ["both2"]],
    ["both2", ["m1"]],
    ["other", ["other1", "both1"]],
    ["other1", []],
  ]);
  assert.deepEqual(groupsOf(imports, { always: ["main"], commands: ["a", "b"] }), [
    ["m1", "m2"],
    ["a1", "a2", "both1"],
  ]);
});

test("joinChunks() leaves a program that does the same with fewer files", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "loom-joined-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const sources = {
    "entry.ts": `
      import { shared } from "./shared.ts";
      export const called = [shared()];
      export const a = () => import("./a.ts");
      export const b = () => import("./b.ts");
      export const c = () => import("./c.ts");`,
    "shared.ts": "let count = 0; export const shared = () => ++count;",
    "a.ts":
      'import { shared } from "./shared.ts"; import { x, y } from "./xy.ts"; import { z } from "./z.ts"; export default [x, y(), z, shared()];',
    "b.ts":
      'import { shared } from "./shared.ts"; import { y } from "./xy.ts"; import { z } from "./z.ts"; export const b = [y(), z, shared()];',
    // Loaded later, and imported by what is joined.
    "c.ts": 'import { y } from "./xy.ts"; export const c = y; export default "c";',
    "xy.ts": "export let x = 1; export const y = () => { x += 1; return x; };",
    "z.ts": 'import again from "./c.ts"; export const z = again;',
  };
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text);
  const run = async (plugins, out) => {
    await build({
      config: false,
      silent: true,
      entry: { entry: join(folder, "entry.ts") },
      outDir: join(folder, out),
      outExtension: () => ({ js: ".js" }),
      format: ["esm"],
      splitting: true,
      minify: true,
      esbuildPlugins: plugins,
    });
    writeFileSync(join(folder, out, "package.json"), '{"type":"module"}');
    const { called, a, b, c } = await import(pathToFileURL(join(folder, out, "entry.js")).href);
    const loaded = [await a(), await b(), await c()].map((module) => ({ ...module }));
    const done = JSON.stringify({ called, loaded }, (_, value) =>
      typeof value === "function" ? value() : value,
    );
    return { done, files: readdirSync(join(folder, out)).filter((name) => name.endsWith(".js")) };
  };
  const plain = await run([], "plain");
  const joined = await run([joinChunks({ always: ["entry.ts"], commands: ["/a.ts", "/b.ts"] })], "joined");
  assert.equal(joined.done, plain.done);
  const [file = ""] = joined.files.filter((name) => name.startsWith("joined-"));
  assert.notEqual(file, "", joined.files.join(" "));
  const c = joined.files.find((name) => name.startsWith("c-")) ?? "";
  assert.match(readFileSync(join(folder, "joined", c), "utf8"), new RegExp(`from"\\./${file}"`, "u"));
});
