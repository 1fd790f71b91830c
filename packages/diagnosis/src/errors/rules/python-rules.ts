import type { Rule } from "../rule.ts";
import { traceback } from "./python-traceback.ts";

/** Python itself. */
export const PYTHON_RULES: readonly Rule[] = [
  {
    tool: "python",
    pattern: /^Traceback \(most recent call last\):$/,
    read: (_groups, near) => traceback(near, 0),
  },
  {
    tool: "python",
    pattern: /^\s+File "(?<file>[^"]+)", line (?<line>\d+)$/,
    read: (_groups, near) => {
      const raised = near.find(/^(?<code>\w*Error): (?<message>.+)$/, 5);
      if (raised === undefined) return undefined;
      return {
        message: `${raised.groups["code"]}: ${raised.groups["message"]}`,
        code: undefined,
        offset: raised.offset,
      };
    },
  },
];
