import type { Near, Rule } from "../rule.ts";

/** Maven. */
export const MAVEN_RULES: readonly Rule[] = [
  {
    tool: "maven",
    pattern:
      /^\[(?<severity>ERROR|WARNING)\] (?<file>\S+\.(?:java|kt|scala|groovy)):\[(?<line>\d+),(?<column>\d+)\] (?<message>.+)$/,
  },
  {
    tool: "maven",
    role: "echo",
    pattern:
      /^\[(?:ERROR|FATAL|INFO(?=\] (?:BUILD FAILURE|COMPILATION ERROR)))\]\s+(?<message>(?:Failed to execute goal|COMPILATION ERROR|BUILD FAILURE|There (?:are|were) test failures|-> \[Help|To see the full|Re-run Maven|For more information|After correcting|\[Help|Please refer to|Failures:|Errors:|Tests run:|The build could not read).*)$/,
    // A plugin or dependency that cannot be had is told nowhere else.
    read: ({ message = "" }) =>
      /could not be resolved|Could not (?:resolve|find artifact|transfer)/.test(message)
        ? { role: "cause" }
        : {},
  },
  {
    // The exception and its place follow.
    tool: "maven",
    role: "echo",
    pattern: /^\[ERROR\]\s+(?<test>[\w.$]+)(?:\(\S*\))? .*<<< (?<message>FAILURE|ERROR)!.*$/,
  },
  {
    tool: "maven",
    pattern:
      /^\[ERROR\]\s+(?<test>[\w.$]*(?:Test|IT|Tests|Spec)\b[\w.$]*)(?::(?<line>\d+))?(?:->\S+)?[: ]\s*(?<message>\S.*)$/,
    read: ({ test = "" }, near) => (isToldAbove(near, test) ? { role: "echo" } : {}),
  },
  {
    tool: "maven",
    pattern: /^\[(?:ERROR|FATAL)\]\s+(?<message>\S.*?)(?: @ line (?<line>\d+), column (?<column>\d+))?$/,
    read: ({ message = "" }) => (message.startsWith("[ERROR]") || message === "@" ? { role: "echo" } : {}),
  },
];

/** Lines of all tests from the first failure to the summary that repeats it. */
const SUMMARY_WITHIN = 400;

/** Surefire shows each failure with its exception, and again in the summary. */
function isToldAbove(near: Near, test: string): boolean {
  for (let offset = -1; offset >= -SUMMARY_WITHIN; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined) return false;
    const told = /^\[ERROR\]\s+(?<test>[\w.$]+)(?:\(\S*\))? .*<<< (?:FAILURE|ERROR)!/.exec(text)?.groups?.[
      "test"
    ];
    if (told?.endsWith(test) === true || (told !== undefined && test.endsWith(`.${told}`))) return true;
  }
  return false;
}
