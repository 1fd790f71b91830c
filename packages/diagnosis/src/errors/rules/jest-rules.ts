import type { Near, Rule, RuleReading } from "../rule.ts";
import { frameBehind, lastBefore } from "./javascript-frames.ts";

/** How far behind the name of a failed test its place is looked for: differences between values come before it. */
const PLACE_WITHIN = 60;

/** Lines that a test printed. */
const CONSOLE_LINES = 300;

/** Where the report of the next test begins, or the totals. */
const NEXT_JEST = /^(?:\s{2}● |Test Suites:|(?:PASS|FAIL)\s)/;

/** jest. */
export const JEST_RULES: readonly Rule[] = [
  {
    // What a test printed, all at once or as it went along. It may call itself an error.
    tool: "jest",
    pattern: /^\s{2}(?:● Console|console\.(?<level>error|warn|log|info|debug))$/,
    read: ({ level }, near) => ({ ignore: true, span: printedLines(near, level !== undefined) }),
  },
  {
    tool: "jest",
    pattern: /^\s{2}● (?<test>\S.*)$/,
    read: ({ test }, near) => (test === "Test suite failed to run" ? suiteFailure(near) : testFailure(near)),
  },
];

function printedLines(near: Near, isOne: boolean): number {
  for (let offset = 1; offset < CONSOLE_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || NEXT_JEST.test(text) || /^\S/.test(text)) return offset - 1;
    if (isOne && /^\s{6}at \S/.test(text)) return offset;
  }
  return 0;
}

function testFailure(near: Near): RuleReading | undefined {
  const message = near.text(3);
  if (message === undefined) return undefined;
  const place = near.find(/^\s+at (?!.*node_modules)(?!.*\(node:).*/, PLACE_WITHIN, NEXT_JEST);
  const frame = place === undefined ? undefined : frameBehind(near, place.offset);
  const span = place?.offset ?? message.offset;
  const end = place?.offset ?? lastBefore(near, message.offset, NEXT_JEST);
  return { message: message.text, ...frame, offset: message.offset, span, first: 0, last: end };
}

/** A file that cannot be loaded: what is wrong with its syntax stands behind what jest says of itself. */
function suiteFailure(near: Near): RuleReading | undefined {
  const syntax = near.find(
    /^\s{4}(?<message>SyntaxError: (?<file>\/[^\s:]+): .+) \((?<line>\d+):(?<column>\d+)\)$/,
    PLACE_WITHIN,
    NEXT_JEST,
  );
  if (syntax === undefined) {
    const read = testFailure(near);
    return read === undefined ? undefined : { ...read, test: undefined };
  }
  const frames = near.find(/^\s+at \S/, PLACE_WITHIN, NEXT_JEST)?.offset ?? syntax.offset + 1;
  const { offset } = syntax;
  const last = Math.max(offset, frames - 1);
  return { ...syntax.groups, test: undefined, offset, span: last, first: offset, last };
}
