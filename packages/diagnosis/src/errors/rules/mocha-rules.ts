import type { Rule } from "../rule.ts";
import { firstFrame, frameBehind, lastBefore } from "./javascript-frames.ts";

const NEXT_MOCHA = /^\s{2}\d+\) /;

/** mocha. */
export const MOCHA_RULES: readonly Rule[] = [
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
];
