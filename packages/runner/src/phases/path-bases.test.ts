import { expect, test } from "vitest";
import { pathBases } from "./path-bases.ts";

test.each([
  [["dist"], ["dist"]],
  [["dist/", "./dist/app.js"], ["dist"]],
  [
    ["out/*.xml", "reports/**/junit.xml"],
    ["out", "reports"],
  ],
  [
    ["a/b/{c,d}/e", "a/bc"],
    ["a/b", "a/bc"],
  ],
  [
    ["a", "a-b"],
    ["a", "a-b"],
  ],
  [["**/*.log", "dist"], ["."]],
  [["dist", "."], ["."]],
  [["a\\*b/c"], ["."]],
])("pathBases(%j) is %j", (patterns, bases) => {
  expect(pathBases(patterns)).toEqual(bases);
});
