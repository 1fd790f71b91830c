import type { Rule } from "../rule.ts";

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
      /^\[(?:ERROR|FATAL|INFO)\]\s+(?<message>(?:Failed to execute goal|COMPILATION ERROR|BUILD FAILURE|There (?:are|were) test failures|-> \[Help|To see the full|Re-run Maven|For more information|After correcting|\[Help|Please refer to|Failures:|Errors:|Tests run:|The build could not read).*)$/,
  },
  {
    tool: "maven",
    pattern:
      /^\[ERROR\]\s+(?<code>[\w.$]*(?:Test|IT|Tests|Spec)\b[\w.$]*)(?::(?<line>\d+))?(?:->\S+)?[: ]\s*(?<message>\S.*)$/,
  },
  {
    tool: "maven",
    pattern: /^\[(?:ERROR|FATAL)\]\s+(?<message>\S.*?)(?: @ line (?<line>\d+), column (?<column>\d+))?$/,
    read: ({ message = "" }) => (message.startsWith("[ERROR]") || message === "@" ? { role: "echo" } : {}),
  },
];
