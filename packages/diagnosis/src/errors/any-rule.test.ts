import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryLine } from "../../test/arbitrary-line.ts";
import { anyRule } from "./any-rule.ts";
import { RULES } from "./rules/all-rules.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures/errors");

const mayMatch = anyRule(RULES);

function matches(line: string): boolean {
  return RULES.some(({ pattern }) => pattern.test(line));
}

test("anyRule() says of every line of recorded output whether one of the rules matches it", () => {
  let matched = 0;
  for (const name of readdirSync(FIXTURES).filter((each) => each.endsWith(".txt"))) {
    for (const line of readFileSync(join(FIXTURES, name), "utf8").split("\n")) {
      expect([line, mayMatch(line)]).toEqual([line, matches(line)]);
      if (matches(line)) matched += 1;
    }
  }
  expect(matched).toBeGreaterThan(500);
});

test("anyRule() says so of any line", () => {
  fc.assert(
    fc.property(arbitraryLine, (line) => {
      expect(mayMatch(line)).toBe(matches(line));
    }),
    { numRuns: 2000 },
  );
});
