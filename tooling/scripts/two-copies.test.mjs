// Two packages from two releases bring two copies of a third. Values of one copy have to fit where the other is
// expected. This puts the sources of `core` in two places, and assigns each type of one copy to its twin.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import ts from "typescript";

const SOURCES = resolve(import.meta.dirname, "../../packages/core/src");
const WORK = mkdtempSync(join(tmpdir(), "loom-two-copies-"));
/** Classes with private fields differ between copies. `ReplayedRun` holds one. */
const OF_ITS_COPY = ["ReplayedRun"];

after(() => rmSync(WORK, { recursive: true, force: true }));

test("types of one copy of core fit where another copy expects them", () => {
  writeFileSync(join(WORK, "package.json"), '{ "type": "module" }');
  for (const copy of ["one", "other"]) cpSync(SOURCES, join(WORK, copy), { recursive: true });
  const names = typesOf(join(WORK, "one/index.ts")).filter((name) => !OF_ITS_COPY.includes(name));
  for (const id of ["JobId", "RunId", "PipelineId", "EpochMs", "ForeignCode"])
    assert.ok(names.includes(id), `${id} is among them`);
  const trial = [
    'import type * as one from "./one/index.ts";',
    'import type * as other from "./other/index.ts";',
    ...names.map((name) => `export const take${name} = (given: one.${name}): other.${name} => given;`),
  ];
  const path = join(WORK, "trial.ts");
  writeFileSync(path, trial.join("\n"));
  const program = compile(path);
  const errors = program
    .getSemanticDiagnostics(program.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  assert.deepEqual(errors, []);
});

/** A module's exported types without type parameters; classes are excluded. */
function typesOf(path) {
  const program = compile(path);
  const checker = program.getTypeChecker();
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)))
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter(({ flags }) => flags & (ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Interface))
    .filter(({ declarations }) => declarations.every(({ typeParameters }) => typeParameters === undefined))
    .map(({ name }) => name);
}

function compile(path) {
  return ts.createProgram([path], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    types: [],
  });
}
