import assert from "node:assert/strict";
import { test } from "node:test";

import { fencedBlocks, sampleKind, withoutFencedBlocks } from "./fenced-blocks.mjs";

const PAGE = [
  "# Page",
  "",
  "```ts",
  "a();",
  "```",
  "",
  "between",
  "",
  "````text",
  "```",
  "in",
  "```",
  "````",
  "",
].join("\n");

test("fencedBlocks() returns the code, the info and the line of each block, even of one with fences inside", () => {
  assert.deepEqual(fencedBlocks(PAGE), [
    { info: "ts", code: "a();\n", line: 3 },
    { info: "text", code: "```\nin\n```\n", line: 9 },
  ]);
});

test("withoutFencedBlocks() leaves the prose", () => {
  assert.equal(withoutFencedBlocks(PAGE), "# Page\n\n\n\nbetween\n\n\n");
});

test("sampleKind() lets no TypeScript escape the compiler without a reason", () => {
  const infos = ["ts", "ts no-check: shape only", "ts no-check", "typescript", "tsx", "js", "", "tsv"];
  assert.deepEqual(infos.map(sampleKind), [
    "compile",
    "leave",
    "invalid",
    "invalid",
    "invalid",
    "other",
    "other",
    "other",
  ]);
});
