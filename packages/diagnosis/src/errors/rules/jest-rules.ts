import type { Rule } from "../rule.ts";
import { frameBehind, lastBefore } from "./javascript-frames.ts";

/** How far behind the name of a failed test its place is looked for: differences between values come before it. */
const PLACE_WITHIN = 60;

const NEXT_JEST = /^(?:\s{2}● |Test Suites:|(?:PASS|FAIL)\s)/;

/** jest. */
export const JEST_RULES: readonly Rule[] = [
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
];
