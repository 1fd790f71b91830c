import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok } from "@loom/core";
import { expect, onTestFinished, test } from "vitest";
import { loadInstalled } from "./load-installed.ts";

/** Imports what a module names, as Node does it: a test runner has errors of its own. */
async function importFrom(statement: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "loom-load-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules/@loom/loom-part/dist"), { recursive: true });
  writeFileSync(join(folder, "node_modules/@loom/loom-part/package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "node_modules/@loom/loom-part/dist/here.js"), "export const here = 1;");
  writeFileSync(join(folder, "asks.mjs"), statement);
  const load = process.getBuiltinModule("node:module").createRequire(join(folder, "asks.mjs"));
  return await loadInstalled(async () => Promise.resolve(load("./asks.mjs") as unknown));
}

test("loadInstalled() loads what is there", async () => {
  const loaded = await importFrom('export { here } from "@loom/loom-part/dist/here.js";');
  expect(loaded).toEqual(ok(expect.objectContaining({ here: 1 })));
});

test("loadInstalled() says which package is missing, and how to get it", async () => {
  expect(await importFrom('import "@loom/loom-other/dist/1/a.js";')).toMatchObject({
    error:
      "@loom/loom-other is not installed. Run npm install @loom/loom-other where Loom is installed, with -g when Loom is global",
  });
});

test("loadInstalled() says that an installed package belongs to another version", async () => {
  expect(await importFrom('import "@loom/loom-part/dist/2/here.js";')).toMatchObject({
    error: expect.stringMatching(
      /^the installed @loom\/loom-part belongs to another version of Loom\. Run npm install @loom\/loom @loom\/loom-part /u,
    ) as string,
  });
});

test.each(['import "./no-such-file.js";', 'throw new Error("broken");'])(
  "loadInstalled() passes on what has another cause: %s",
  async (statement) => {
    await expect(importFrom(statement)).rejects.toThrow(/no-such-file|broken/u);
  },
);
