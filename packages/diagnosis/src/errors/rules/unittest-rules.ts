import type { Rule } from "../rule.ts";
import { traceback } from "./python-traceback.ts";

/** unittest. */
export const UNITTEST_RULES: readonly Rule[] = [
  {
    tool: "unittest",
    pattern: /^(?:FAIL|ERROR): (?<test>\w+) \((?<owner>[\w.]+)\)$/,
    read: ({ test = "", owner = "" }, near) => {
      const start = near.find(/^Traceback \(most recent call last\):$/, 4);
      const raised = start === undefined ? undefined : traceback(near, start.offset);
      // The name of the module stands in the name of the test since Python 3.11.
      const name = owner.endsWith(`.${test}`) ? owner : `${owner}.${test}`;
      return raised === undefined ? { role: "echo", test: name } : { ...raised, test: name, first: 0 };
    },
  },
  { tool: "unittest", role: "echo", pattern: /^FAILED \((?<message>(?:failures|errors)=.+)\)$/ },
];
