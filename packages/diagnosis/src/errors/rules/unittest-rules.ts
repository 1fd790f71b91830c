import type { Near, Rule } from "../rule.ts";
import { traceback } from "./python-traceback.ts";

/** Lines of differences behind an assertion. */
const DIFFERENCES = 60;

/** unittest. */
export const UNITTEST_RULES: readonly Rule[] = [
  {
    tool: "unittest",
    // The values of a subtest stand behind the name.
    pattern: /^(?:FAIL|ERROR): (?<test>\w+) \((?<owner>[\w.]+)\)(?<values> [([].*)?$/,
    read: ({ test = "", owner = "", values = "" }, near) => {
      const start = near.find(/^Traceback \(most recent call last\):$/, 6);
      const raised = start === undefined ? undefined : traceback(near, start.offset);
      const name = nameOf(test, owner) + values;
      if (raised === undefined) return { role: "echo", test: name };
      const last = endOfDifferences(near, raised.offset ?? 0);
      return { ...raised, test: name, first: 0, span: last, last };
    },
  },
  {
    tool: "unittest",
    pattern: /^UNEXPECTED SUCCESS: (?<test>\w+) \((?<owner>[\w.]+)\)$/,
    read: ({ test = "", owner = "" }) => ({ message: "unexpected success", test: nameOf(test, owner) }),
  },
  {
    tool: "unittest",
    role: "echo",
    pattern: /^\s*(?<test>\w+) \((?<owner>[\w.]+)\)(?: .*)? \.\.\. (?:FAIL|ERROR)$/,
    read: ({ test = "", owner = "" }) => ({ test: nameOf(test, owner) }),
  },
  {
    // With `-v`, the first line of a test's description stands between its name and how it ended.
    tool: "unittest",
    pattern: /^\S.* \.\.\. (?:FAIL|ERROR)$/,
    read: (_groups, near) => (/^\w+ \([\w.]+\)$/.test(near.at(-1) ?? "") ? { role: "echo" } : undefined),
  },
  {
    tool: "unittest",
    role: "echo",
    pattern: /^FAILED \((?<message>(?:failures|errors|unexpected successes)=.+)\)$/,
  },
];

/** The name of the module stands in the name of the test since Python 3.11; a module that cannot be imported has none. */
function nameOf(test: string, owner: string): string {
  if (owner.includes("_FailedTest")) return test;
  return owner.endsWith(`.${test}`) ? owner : `${owner}.${test}`;
}

function endOfDifferences(near: Near, from: number): number {
  let end = from;
  for (let offset = from + 1; offset <= from + DIFFERENCES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || /^(?:={10,}|-{10,}|Stdout:|Stderr:)$/.test(text)) return end;
    if (text.trim() !== "") end = offset;
  }
  return from;
}
