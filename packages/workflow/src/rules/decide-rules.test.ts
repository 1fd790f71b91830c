import { describe, expect, test } from "vitest";
import { decideRules, type WorkflowRule } from "./decide-rules.ts";
import { parseCondition } from "./parse-condition.ts";

const rule = (text: string, when: WorkflowRule["when"] = "always"): WorkflowRule => {
  const condition = parseCondition(text);
  if (!condition.ok) throw new Error(`${text}: ${condition.error.message}`);
  return { if: text, condition: condition.value, when };
};

const variables = { BRANCH: "main", EMPTY: "", TAG: "v1.2", DOLLAR: "$x" };

describe("decideRules()", () => {
  test.each<[condition: string, holds: boolean]>([
    ["$BRANCH", true],
    ["${BRANCH}", true],
    ["$EMPTY", false],
    ["$UNSET", false],
    ["!$UNSET", true],
    ["!!$BRANCH", true],
    ['$BRANCH == "main"', true],
    ['"main" == $BRANCH', true],
    ['$BRANCH != "main"', false],
    ["$UNSET == null", true],
    ["$EMPTY == null", false],
    ['$EMPTY == ""', true],
    ['$UNSET == ""', false],
    ['$UNSET != "x"', true],
    ["$UNSET == $ALSO_UNSET", true],
    ["$BRANCH == $TAG", false],
    ["$TAG =~ /^v\\d+\\.\\d+$/", true],
    ["$TAG =~ /^V/", false],
    ["$TAG =~ /^V/i", true],
    ["$TAG !~ /^v/", false],
    ["$UNSET =~ /.*/", false],
    ["$UNSET !~ /.*/", true],
    ["$BRANCH =~ /a\\/b|[/]|main/", true],
    ['"x"', true],
    ['""', false],
    ["null", false],
    ['"say \\"hi\\" \\\\ \\n" == "say \\"hi\\" \\\\ \\n"', true],
    ['$DOLLAR == "$x"', true],
    ["$constructor", false],
    ["$BRANCH && $UNSET || $TAG", true],
    ["$BRANCH || $TAG && $UNSET", true],
    ["($BRANCH || $TAG) && $UNSET", false],
    ['$UNSET == "a" || !($BRANCH == "dev") && $TAG != null', true],
  ])("finds that %s is %s", (condition, holds) => {
    expect(decideRules([rule(condition)], variables).runs).toBe(holds);
  });

  test("lets a pipeline without rules run", () => {
    expect(decideRules(undefined, variables)).toEqual({ runs: true });
  });

  test("lets no pipeline run whose rules all fail", () => {
    expect(decideRules([rule("$UNSET"), rule("$EMPTY")], variables)).toEqual({ runs: false });
  });

  test("goes by the first rule that holds", () => {
    const never = rule("$BRANCH", "never");
    expect(decideRules([rule("$UNSET"), never, rule("$TAG")], variables)).toEqual({
      runs: false,
      rule: never,
    });
  });
});

test("decideRules() matches in linear time what a text could make others take forever over", () => {
  const text = `${"a".repeat(100_000)}!`;
  expect(decideRules([rule("$TEXT =~ /^(a+)+$/")], { TEXT: text })).toEqual({ runs: false });
  expect(decideRules([rule("$TEXT =~ /^(a|aa)+!$/")], { TEXT: text })).toMatchObject({ runs: true });
});

describe("parseCondition()", () => {
  test("answers plain data", () => {
    expect(rule('!($A == "x" && $B) || $C !~ /d/i').condition).toMatchInlineSnapshot(`
      {
        "kind": "or",
        "terms": [
          {
            "kind": "not",
            "term": {
              "kind": "and",
              "terms": [
                {
                  "kind": "equal",
                  "left": {
                    "kind": "variable",
                    "name": "A",
                  },
                  "negated": false,
                  "right": {
                    "kind": "text",
                    "text": "x",
                  },
                },
                {
                  "kind": "set",
                  "value": {
                    "kind": "variable",
                    "name": "B",
                  },
                },
              ],
            },
          },
          {
            "flags": "i",
            "kind": "match",
            "left": {
              "kind": "variable",
              "name": "C",
            },
            "negated": true,
            "pattern": "d",
          },
        ],
      }
    `);
  });

  test.each([
    ['$A = "x"', 3, 4, "compare with =="],
    ["$A | $B", 3, 4, "write ||"],
    ["a", 0, 1, "write a literal in double quotes, or a variable as $NAME"],
    ["$1", 0, 1, "write a variable as $NAME"],
    ["$A ==", 3, 5, "complete this condition"],
    ["()", 1, 2, "put a variable, a literal or null here"],
    ["$A =~ /a/ii", 9, 11, "use the flags i, m, s and u only, each once"],
    [
      "$A =~ /x(?=y)/",
      8,
      11,
      "correct this regular expression: look-around is not supported, since a text could make it take forever",
    ],
    [
      "$A =~ /(?<!x)y/",
      7,
      11,
      "correct this regular expression: look-around is not supported, since a text could make it take forever",
    ],
    [
      "$A =~ /(a)\\1/",
      10,
      12,
      "correct this regular expression: a back-reference is not supported, since a text could make it take forever",
    ],
    ["$A =~ /a{2,1}/", 8, 13, "correct this regular expression: invalid repeat count in {2,1}"],
    ["$A =~ null", 6, 10, "match against a regular expression: /pattern/"],
  ])("points into %s", (text, start, end, message) => {
    expect(parseCondition(text)).toEqual({ ok: false, error: { start, end, message } });
  });
});
