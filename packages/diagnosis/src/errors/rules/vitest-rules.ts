import type { Near, Rule, RuleReading } from "../rule.ts";
import { lastBefore } from "./javascript-frames.ts";

/** How far behind the name of a failed test its place is looked for: differences between values come before it. */
const PLACE_WITHIN = 60;

/** Lines that a test printed at once. */
const PRINTED_LINES = 200;

/** Where the report of the next test begins, or the totals. */
const NEXT_VITEST = /^\s*(?:FAIL |⎯{5}|Test Files\s)/;

const FRAME = /^\s*(?:❯ (?:.* )?|File: )(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+)$/;

/** vitest. */
export const VITEST_RULES: readonly Rule[] = [
  {
    // What a test printed, up to a blank line. It may call itself an error.
    tool: "vitest",
    pattern: /^(?:stdout|stderr) \| \S.*$/,
    read: (_groups, near) => ({ ignore: true, span: near.find(/^\s*$/, PRINTED_LINES)?.offset ?? 0 }),
  },
  {
    tool: "vitest",
    pattern: /^\s*FAIL\s+(?:\|[^|]*\|\s*)?(?<file>[^\s>]+\.(?:[cm]?[jt]sx?|vue|svelte))(?<rest>.*)$/,
    read: ({ file, rest = "" }, near) => {
      const test = rest.startsWith(" > ") ? rest.slice(3) : undefined;
      const read = report(near);
      if (read !== undefined) return { ...read, test };
      return test === undefined ? { tool: "jest", role: "echo" } : { file, message: test, test };
    },
  },
  {
    tool: "vitest",
    pattern: /^⎯+ (?:Uncaught Exception|Unhandled (?:Rejection|Errors?|Source Errors?)|Typecheck Error) ⎯+$/,
    read: (_groups, near) => {
      const read = report(near);
      if (read === undefined) return undefined;
      const latest = near.find(
        /^The latest test that might've caused the error is "(?<test>.+?)"\. /,
        PLACE_WITHIN,
        NEXT_VITEST,
      );
      return { ...read, test: latest?.groups["test"] };
    },
  },
  { tool: "vitest", role: "echo", pattern: /^\s+(?:×|❯) (?<message>\S.*?) (?:\d+ ?ms|\(\d+ tests?\b.*)$/ },
];

/** The message and the first place outside of dependencies, up to the source that is quoted there. */
function report(near: Near): RuleReading | undefined {
  const message = near.text(3);
  if (message === undefined || NEXT_VITEST.test(message.text)) return undefined;
  let place = near.find(FRAME, PLACE_WITHIN, NEXT_VITEST);
  const first = place;
  while (place !== undefined && isForeign(place.groups["file"] ?? "")) place = frameFrom(near, place.offset);
  const shown = place ?? first;
  if (shown === undefined) return undefined;
  const { line, column } = shown.groups;
  const isOwn = place !== undefined && place === first;
  return {
    message: message.text,
    file: shown.groups["file"],
    line,
    column,
    offset: message.offset,
    span: shown.offset,
    first: 0,
    last: isOwn
      ? lastBefore(near, shown.offset, NEXT_VITEST, /^\s*(?:\d+)?\s*\|/)
      : Math.max(message.offset, (first?.offset ?? 1) - 1),
  };
}

function isForeign(file: string): boolean {
  return file.startsWith("node:") || file.includes("node_modules/");
}

function frameFrom(near: Near, from: number): ReturnType<Near["find"]> {
  for (let offset = from + 1; offset <= from + PLACE_WITHIN; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || NEXT_VITEST.test(text)) return undefined;
    const groups = FRAME.exec(text)?.groups;
    if (groups !== undefined) return { offset, groups, text };
  }
  return undefined;
}
