import type { Near, Rule, RuleReading } from "../rule.ts";
import { frameBehind } from "./javascript-rules.ts";

/** How far behind the name of a failed test its place is looked for: differences between values come before it. */
const PLACE_WITHIN = 60;

/** vitest, jest, mocha and node:test. */
export const JAVASCRIPT_TEST_RULES: readonly Rule[] = [
  {
    tool: "vitest",
    pattern: /^\s*FAIL\s+(?:\|[^|]*\|\s*)?(?<file>[^\s>]+\.(?:[cm]?[jt]sx?|vue|svelte))(?<rest>.*)$/,
    read: ({ file, rest = "" }, near) => {
      const place = near.find(
        /^\s*❯ (?:.* )?(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+)$/,
        PLACE_WITHIN,
        /^\s*(?:FAIL |⎯{5}|●)/,
      );
      const message = near.text(3);
      if (place !== undefined && message !== undefined) {
        const { line, column } = place.groups;
        return {
          message: message.text,
          file: place.groups["file"],
          line,
          column,
          offset: message.offset,
          span: place.offset,
        };
      }
      return rest.startsWith(" > ") ? { file, message: rest.slice(3) } : { tool: "jest", role: "echo" };
    },
  },
  { tool: "vitest", role: "echo", pattern: /^\s+(?:×|❯) (?<message>\S.*?) (?:\d+ ?ms|\(\d+ tests?\b.*)$/ },
  {
    tool: "jest",
    pattern: /^\s{2}● (?<name>\S.*)$/,
    read: ({ name }, near) => {
      const message = near.text(3);
      if (message === undefined) return undefined;
      const place = near.find(/^\s+at (?!.*node_modules)(?!.*\(node:).*/, PLACE_WITHIN, /^\s{2}● /);
      const frame = place === undefined ? undefined : frameBehind(near, place.offset);
      const span = place?.offset ?? message.offset;
      return { message: message.text, code: name, ...frame, offset: message.offset, span };
    },
  },
  {
    tool: "mocha",
    pattern: /^\s{2}\d+\) \S.*$/,
    read: (_groups, near) => {
      const thrown = near.find(/^\s+(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?: \S/, 10, /^\s{2}\d+\) /);
      if (thrown === undefined) return undefined;
      const first = near.find(/^\s+at \S/, PLACE_WITHIN, /^\s{2}\d+\) /);
      const frame = first === undefined ? undefined : frameBehind(near, first.offset);
      return { message: thrown.text, ...frame, offset: thrown.offset, span: first?.offset ?? thrown.offset };
    },
  },
  {
    tool: "node:test",
    pattern: /^test at (?<file>\S.*?):(?<line>\d+):(?<column>\d+)$/,
    read: (groups, near) => specFailure(groups, near),
  },
  { tool: "node:test", role: "echo", pattern: /^\s*✖ (?<message>\S.*?)(?: \([\d.]+ms\))?$/ },
  {
    tool: "node:test",
    pattern: /^\s*not ok \d+ - (?<code>.+)$/,
    read: (_groups, near) => tapFailure(near),
  },
];

function specFailure(groups: Readonly<Record<string, string | undefined>>, near: Near): RuleReading {
  const name = /^✖ (.+?)(?: \([\d.]+ms\))?$/.exec(near.at(1) ?? "")?.[1];
  const message = near.at(2)?.trim();
  if (message === undefined || message === "") return { ...groups, code: name };
  const frame = frameBehind(near, 3);
  return { message, code: name, ...frame, offset: 2 };
}

function tapFailure(near: Near): RuleReading | undefined {
  const block = /^\s*\.\.\.$/;
  if (near.find(/failureType: 'subtestsFailed'/, 8, block) !== undefined) return { role: "echo" };
  const place = near.find(/^\s*location: '(?<file>.+?):(?<line>\d+):(?<column>\d+)'$/, 8, block);
  const said = near.find(/^\s*error: (?:'(?<message>.+)'|(?<block>\|-?))$/, 10, block);
  const message = said?.groups["block"] === undefined ? said?.groups["message"] : near.at(said.offset + 1);
  const end = near.find(block, 40, /^\s*(?:not )?ok \d+/);
  return { ...place?.groups, message, span: end?.offset ?? 0 };
}
