import type { Rule } from "../rule.ts";
import { lastBefore } from "./javascript-frames.ts";

/** How far behind the name of a failed test its place is looked for: differences between values come before it. */
const PLACE_WITHIN = 60;

/** Where the report of the next test begins, or the totals. */
const NEXT_VITEST = /^\s*(?:FAIL |⎯{5}|Test Files\s)/;

/** vitest. */
export const VITEST_RULES: readonly Rule[] = [
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
];
