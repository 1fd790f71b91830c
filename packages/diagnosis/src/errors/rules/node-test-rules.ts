import type { Near, Rule, RuleReading } from "../rule.ts";
import { firstFrame, frameBehind, lastBefore } from "./javascript-frames.ts";

const NEXT_SPEC = /^(?:test at |✖ |ℹ )/;

/** node:test in its form `spec`; the other one is TAP. */
export const NODE_TEST_RULES: readonly Rule[] = [
  {
    tool: "node:test",
    pattern: /^test at (?<file>\S.*?):(?<line>\d+):(?<column>\d+)$/,
    read: (groups, near) => specFailure(groups, near),
  },
  { tool: "node:test", role: "echo", pattern: /^\s*✖ (?<message>\S.*?)(?: \([\d.]+ms\))?$/ },
];

/** The place of the assertion where the stack has it, else that of the test. */
function specFailure(groups: Readonly<Record<string, string | undefined>>, near: Near): RuleReading {
  const test = /^✖ (.+?)(?: \([\d.]+ms\))?$/.exec(near.at(1) ?? "")?.[1];
  const message = near.at(2)?.trim();
  if (message === undefined || message === "") return { ...groups, test };
  const stack = firstFrame(near, 3, NEXT_SPEC);
  const frame = stack === undefined ? undefined : frameBehind(near, stack);
  const end = stack ?? lastBefore(near, 2, NEXT_SPEC);
  return { ...groups, message, test, ...frame, offset: 2, span: Math.max(2, end), first: 1, last: end };
}
