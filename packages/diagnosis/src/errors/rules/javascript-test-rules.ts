import type { Near, Rule, RuleReading } from "../rule.ts";
import { firstFrame, frameBehind } from "./javascript-rules.ts";

/** How far behind the name of a failed test its place is looked for: differences between values come before it. */
const PLACE_WITHIN = 60;

/** Where the report of the next test begins, or the totals. */
const NEXT_VITEST = /^\s*(?:FAIL |⎯{5}|Test Files\s)/;
const NEXT_JEST = /^(?:\s{2}● |Test Suites:|(?:PASS|FAIL)\s)/;
const NEXT_MOCHA = /^\s{2}\d+\) /;
const NEXT_SPEC = /^(?:test at |✖ |ℹ )/;

/** vitest, jest, mocha and node:test. */
export const JAVASCRIPT_TEST_RULES: readonly Rule[] = [
  {
    tool: "vitest",
    pattern: /^\s*FAIL\s+(?:\|[^|]*\|\s*)?(?<file>[^\s>]+\.(?:[cm]?[jt]sx?|vue|svelte))(?<rest>.*)$/,
    read: ({ file, rest = "" }, near) => {
      const test = rest.startsWith(" > ") ? rest.slice(3) : undefined;
      const place = near.find(
        /^\s*❯ (?:.* )?(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+)$/,
        PLACE_WITHIN,
        NEXT_VITEST,
      );
      const message = near.text(3);
      if (place !== undefined && message !== undefined) {
        const { line, column } = place.groups;
        return {
          message: message.text,
          file: place.groups["file"],
          line,
          column,
          test,
          offset: message.offset,
          span: place.offset,
          first: 0,
          last: lastBefore(near, place.offset, NEXT_VITEST, /^\s*(?:\d+)?\s*\|/),
        };
      }
      return test === undefined ? { tool: "jest", role: "echo" } : { file, message: test, test };
    },
  },
  { tool: "vitest", role: "echo", pattern: /^\s+(?:×|❯) (?<message>\S.*?) (?:\d+ ?ms|\(\d+ tests?\b.*)$/ },
  {
    tool: "jest",
    pattern: /^\s{2}● (?<test>\S.*)$/,
    read: (_groups, near) => {
      const message = near.text(3);
      if (message === undefined) return undefined;
      const place = near.find(/^\s+at (?!.*node_modules)(?!.*\(node:).*/, PLACE_WITHIN, NEXT_JEST);
      const frame = place === undefined ? undefined : frameBehind(near, place.offset);
      const span = place?.offset ?? message.offset;
      const end = place?.offset ?? lastBefore(near, message.offset, NEXT_JEST);
      return { message: message.text, ...frame, offset: message.offset, span, first: 0, last: end };
    },
  },
  {
    tool: "mocha",
    pattern: NEXT_MOCHA,
    read: (_groups, near) => {
      const thrown = near.find(/^\s+(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?: \S/, 10, NEXT_MOCHA);
      if (thrown === undefined) return undefined;
      const frame = firstFrame(near, thrown.offset + 1, NEXT_MOCHA);
      const end = frame ?? lastBefore(near, thrown.offset, NEXT_MOCHA);
      const titles = Array.from({ length: thrown.offset }, (_, offset) => (near.at(offset) ?? "").trim());
      return {
        message: thrown.text,
        ...(frame !== undefined && frameBehind(near, frame)),
        test: titles
          .filter((title) => title !== "")
          .join(" ")
          .replace(/^\d+\) /, "")
          .replace(/:$/, ""),
        offset: thrown.offset,
        span: end,
        first: 0,
        last: end,
      };
    },
  },
  {
    tool: "node:test",
    pattern: /^test at (?<file>\S.*?):(?<line>\d+):(?<column>\d+)$/,
    read: (groups, near) => specFailure(groups, near),
  },
  { tool: "node:test", role: "echo", pattern: /^\s*✖ (?<message>\S.*?)(?: \([\d.]+ms\))?$/ },
];

/** The last line of a report: before the next one begins, and of what follows its place only the quoted source. */
function lastBefore(near: Near, from: number, next: RegExp, quoted?: RegExp): number {
  let end = from;
  for (let offset = from + 1; offset <= from + 30; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || next.test(text)) break;
    if (quoted !== undefined && text.trim() !== "" && !quoted.test(text)) break;
    if (text.trim() !== "") end = offset;
  }
  return end;
}

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
