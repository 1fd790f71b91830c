import type { Near, Rule, RuleReading } from "../rule.ts";
import { firstFrame, frameBehind, lastBefore, withCompared } from "./javascript-frames.ts";

const NEXT_SPEC = /^(?:test at |✖ |ℹ )/;

/** What of a test's report is printed below its name at once. */
const NEXT_LINE = /^\s*[✖✔▶ℹ﹣⚠] /;

/** Lines to the summary of failures, which repeats what was printed at once. */
const SUMMARY_WITHIN = 1000;

/** node:test in its forms `spec` and `dot`; the third one is TAP. */
export const NODE_TEST_RULES: readonly Rule[] = [
  {
    tool: "node:test",
    pattern: /^test at (?<file>\S.*?):(?<line>\d+):(?<column>\d+)$/,
    read: (groups, near) => specFailure(groups, near),
  },
  { tool: "node:test", pattern: /^✖ failing tests:$/, read: () => ({ ignore: true }) },
  {
    tool: "node:test",
    pattern: /^\s*(?:✖|⚠(?=.* # TODO)) (?<test>\S.*?)(?: \([\d.]+ms\))?(?<todo> # TODO.*)?$/,
    read: ({ test, todo }, near) => inlineFailure(test, todo !== undefined, near),
  },
];

/** The place of the assertion where the stack has it, else that of the test. */
function specFailure(groups: Readonly<Record<string, string | undefined>>, near: Near): RuleReading {
  const title = near.at(1) ?? "";
  const test = /^✖ (.+?)(?: \([\d.]+ms\))?$/.exec(title)?.[1];
  const said = near.at(2)?.trim();
  const stack = firstFrame(near, 3, NEXT_SPEC);
  const end = stack ?? lastBefore(near, 2, NEXT_SPEC);
  // What is still to be done may fail.
  if (/^⚠ | # TODO/.test(title)) return { ignore: true, span: Math.max(1, end) };
  if (said === undefined || said === "") return { ...groups, test };
  const message = said.replace(/^'(.*)'$/, "$1");
  if (isEcho(message)) return { ...groups, message, test, role: "echo", span: 2 };
  const frame = stack === undefined ? undefined : frameBehind(near, stack);
  return {
    ...groups,
    message: withCompared(message, near, 2),
    test,
    ...frame,
    offset: 2,
    span: Math.max(2, end),
    first: 1,
    last: end,
  };
}

/** A file of tests, or a test with subtests, fails for what stands elsewhere. */
function isEcho(message: string): boolean {
  return /^(?:test failed|\d+ subtests? failed)$/.test(message);
}

/** Below the name of a test stands why it failed, unless that comes at the end. */
function inlineFailure(test: string | undefined, isTodo: boolean, near: Near): RuleReading {
  const name = near.at(0) ?? "";
  const said = near.at(1) ?? "";
  const indent = name.length - name.trimStart().length;
  const isBelow =
    said.trim() !== "" && said.length - said.trimStart().length > indent && !NEXT_LINE.test(said);
  const stack = isBelow ? firstFrame(near, 2, NEXT_LINE) : undefined;
  if (isTodo) return { ignore: true, span: stack ?? (isBelow ? 1 : 0) };
  const message = said.trim().replace(/^'(.*)'$/, "$1");
  if (!isBelow || isEcho(message)) return { role: "echo", message: test, test, span: isBelow ? 1 : 0 };
  const isRepeated = near.find(/^✖ failing tests:$/, SUMMARY_WITHIN) !== undefined;
  const span = stack ?? lastBefore(near, 1, NEXT_LINE);
  if (isRepeated) return { role: "echo", message: test, test, span, last: 0 };
  const frame = stack === undefined ? undefined : frameBehind(near, stack);
  return {
    message: withCompared(message, near, 1),
    test,
    ...frame,
    offset: 1,
    span: Math.max(1, span),
    first: 0,
    last: span,
  };
}
