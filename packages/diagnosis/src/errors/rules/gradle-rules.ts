import type { Rule } from "../rule.ts";

/** Gradle and kotlinc. */
export const GRADLE_RULES: readonly Rule[] = [
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
];
