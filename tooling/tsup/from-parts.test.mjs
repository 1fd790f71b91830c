import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { build } from "tsup";
import { fromParts } from "./from-parts.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "loom-parts-"));
const PART = join(FOLDER, "loom-part");

mkdirSync(PART);
writeFileSync(join(PART, "package.json"), '{ "version": "1.2.3" }');
after(() => rmSync(FOLDER, { recursive: true, force: true }));

test("fromParts() leaves a module to the file of its part, in the path of the part's version", async () => {
  const entry = join(FOLDER, "program.mjs");
  writeFileSync(
    entry,
    'import { one } from "their-module";\nconst later = await import("@theirs/other");\nconsole.log(one, later);\n',
  );
  let text = "";
  await build({
    config: false,
    silent: true,
    entry: [entry],
    outDir: join(FOLDER, "dist"),
    format: ["esm"],
    noExternal: [/.*/],
    esbuildPlugins: [fromParts({ [PART]: { "their-module": "one", "@theirs/other": "other" } })],
    plugins: [{ name: "read", renderChunk: (code) => void (text = code) }],
  });
  assert.match(text, /import \{ one \} from "@loom\/loom-part\/dist\/1\.2\.3\/one\.js";/u);
  assert.match(text, /await import\("@loom\/loom-part\/dist\/1\.2\.3\/other\.js"\)/u);
});
