import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryLine } from "../../test/arbitrary-line.ts";
import { candidateRules } from "./candidate-rules.ts";
import { RULES } from "./rules/all-rules.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures/errors");

const candidates = candidateRules(RULES);

function matching(line: string): readonly string[] {
  return RULES.filter(({ pattern }) => pattern.test(line)).map(({ pattern }) => pattern.source);
}

/** What is found when only the candidates are tried, and whether there are any. */
function found(line: string): readonly [readonly string[], boolean] {
  const tried = candidates(line);
  return [
    tried.filter(({ pattern }) => pattern.test(line)).map(({ pattern }) => pattern.source),
    tried.length > 0,
  ];
}

test("candidateRules() gives all rules that match a line of recorded output in their order, and none where none does", () => {
  let matched = 0;
  for (const name of readdirSync(FIXTURES).filter((each) => each.endsWith(".txt"))) {
    for (const line of readFileSync(join(FIXTURES, name), "utf8").split("\n")) {
      const expected = matching(line);
      expect([line, ...found(line)]).toEqual([line, expected, expected.length > 0]);
      if (expected.length > 0) matched += 1;
    }
  }
  expect(matched).toBeGreaterThan(500);
});

test("candidateRules() does so for any line", () => {
  fc.assert(
    fc.property(arbitraryLine, (line) => {
      const expected = matching(line);
      expect(found(line)).toEqual([expected, expected.length > 0]);
    }),
    { numRuns: 2000 },
  );
});

test("candidateRules() tries few rules on a line", () => {
  expect(candidates("src/a.ts(3,7): error TS2322: wrong").length).toBeLessThan(RULES.length / 2);
});
