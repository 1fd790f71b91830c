import type { GraphRule } from "@loom/core";
import { expect, test } from "vitest";
import { decideJobRules, type JobRuleFacts } from "./decide-job-rules.ts";

const facts: JobRuleFacts = {
  variables: { BRANCH: "main" },
  changed: (globs) => globs.includes("src/**"),
  exists: (globs) => globs.includes("package.json"),
};

test.each<[string, readonly GraphRule[], number | undefined]>([
  ["the first of which everything holds", [{ if: "$BRANCH == null" }, { if: "$BRANCH" }, {}], 1],
  ["one that asks for nothing", [{ changes: ["docs"] }, { when: "never" }], 1],
  [
    "none where none holds",
    [{ if: '$BRANCH == "x"' }, { changes: ["docs"] }, { exists: ["go.mod"] }],
    undefined,
  ],
  ["one whose files have changed", [{ changes: ["docs"] }, { changes: ["docs", "src/**"] }], 1],
  ["one whose files are there", [{ exists: ["go.mod"] }, { exists: ["package.json"] }], 1],
  [
    "not one of which a part does not hold",
    [
      { if: "$BRANCH", changes: ["docs"] },
      { changes: ["src/**"], exists: ["go.mod"] },
      { if: "!$BRANCH", exists: ["package.json"] },
      { if: "$BRANCH", changes: ["src/**"], exists: ["package.json"] },
    ],
    3,
  ],
  ["not one whose condition cannot be read", [{ if: "$BRANCH ==" }], undefined],
])("decideJobRules() finds %s", (_, rules, index) => {
  expect(decideJobRules(rules, facts)).toBe(index === undefined ? undefined : rules[index]);
});
