import assert from "node:assert/strict";
import { test } from "node:test";
import { exportedFiles, importFromFiles } from "./past-barrels.ts";

const INDEX = `export { one, type One } from "./first/one.ts";
export {
  two,
  three as four,
} from "./two.ts";
export type { Five } from "./five.ts";
export const six = 6;
`;

const files = exportedFiles(INDEX, "/p");

test("exportedFiles() finds the file of each name that keeps its own", () => {
  assert.deepEqual(
    [...files],
    [
      ["one", "/p/first/one.ts"],
      ["One", "/p/first/one.ts"],
      ["two", "/p/two.ts"],
      ["Five", "/p/five.ts"],
    ],
  );
});

for (const [text, expected] of [
  ['import { one } from "@loom/p";', 'import { one } from "/p/first/one.ts";'],
  [
    'import {\n  one,\n  two as other,\n  type Five,\n} from "@loom/p";\nother();',
    'import { one } from "/p/first/one.ts"; import { two as other } from "/p/two.ts";\nother();',
  ],
  // Of another name, or of the index itself.
  ['import { four, six } from "@loom/p";', 'import { four } from "@loom/p"; import { six } from "@loom/p";'],
  ['import type { One } from "@loom/p";', 'import type { One } from "@loom/p";'],
  ['import { a } from "./a.ts";', 'import { a } from "./a.ts";'],
]) {
  test(`importFromFiles() of ${JSON.stringify(text)}`, () => {
    assert.equal(
      importFromFiles(text, () => files),
      expected,
    );
  });
}
