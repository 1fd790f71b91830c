import { expect, test } from "vitest";
import { shouldColor, type ColorFlag } from "./should-color.ts";

test.each<[ColorFlag | undefined, Record<string, string>, boolean, boolean]>([
  [undefined, {}, true, true],
  [undefined, {}, false, false],
  ["auto", {}, true, true],
  ["always", { NO_COLOR: "1", TERM: "dumb" }, false, true],
  ["never", { FORCE_COLOR: "1" }, true, false],
  ["auto", { NO_COLOR: "1" }, true, false],
  ["auto", { NO_COLOR: "0" }, true, false],
  ["auto", { NO_COLOR: "" }, true, true],
  ["auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  ["auto", { FORCE_COLOR: "1" }, false, true],
  ["auto", { FORCE_COLOR: "" }, false, false],
  ["auto", { FORCE_COLOR: "0" }, false, false],
  ["auto", { CLICOLOR_FORCE: "1" }, false, true],
  ["auto", { FORCE_COLOR: "1", TERM: "dumb" }, false, true],
  ["auto", { TERM: "dumb" }, true, false],
])("shouldColor() with --color=%s, %j, terminal %s is %s", (flag, env, isTerminal, expected) => {
  expect(shouldColor({ ...(flag !== undefined && { flag }), env, isTerminal })).toBe(expected);
});
