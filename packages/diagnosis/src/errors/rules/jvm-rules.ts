import type { Rule } from "../rule.ts";

/** Frames of the platform and of test frameworks say nothing about the cause. */
const FRAME =
  /^\s+at (?!java\.|javax\.|jdk\.|sun\.|org\.junit\.|org\.gradle\.|org\.apache\.maven\.|kotlin\.)[\w.$/<>]+\((?<file>[\w$]+\.(?:java|kt|scala|groovy)):(?<line>\d+)\)/;

/** Maven, Gradle, Kotlin and uncaught exceptions; javac speaks like a C compiler. */
export const JVM_RULES: readonly Rule[] = [
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
  { tool: "gradle", role: "echo", pattern: /^> Task (?<message>\S+ FAILED)$/ },
  {
    tool: "gradle",
    role: "echo",
    pattern: /^(?<message>FAILURE: Build (?:failed|completed) with .+|BUILD FAILED in .+)$/,
  },
  {
    tool: "gradle",
    pattern: /^\* What went wrong:$/,
    read: (_groups, near) => {
      const message = near.text(2);
      if (message === undefined) return undefined;
      const role = message.text.startsWith("Execution failed for task")
        ? ("echo" as const)
        : ("cause" as const);
      return { message: message.text, role, offset: message.offset };
    },
  },
  {
    tool: "kotlinc",
    pattern:
      /^(?<severity>[ew]): (?:file:\/\/)?(?<file>[^\s:]+\.kts?):(?<line>\d+):(?<column>\d+):? (?<message>.+)$/,
    read: ({ severity }) => ({ severity: severity === "w" ? "warning" : "error" }),
  },
  {
    tool: "java",
    pattern: /^(?:Exception in thread "[^"]*"|Caused by:) (?<message>[\w.$]+.*)$/,
    read: (_groups, near) => near.find(FRAME, 30, /^\S/)?.groups ?? {},
  },
  {
    tool: "java",
    pattern: /^(?<message>(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Failure)(?:: .+)?)$/,
    read: (_groups, near) =>
      /^\s+at /.test(near.at(1) ?? "") ? (near.find(FRAME, 30, /^\S/)?.groups ?? {}) : undefined,
  },
];
