import type { Rule } from "../rule.ts";

/** Gradle and kotlinc. */
export const GRADLE_RULES: readonly Rule[] = [
  {
    tool: "gradle",
    pattern: /^(?<owner>\S+) > (?<name>\S.*) FAILED$/,
    read: ({ owner = "", name = "" }, near) => {
      const said = /^\s{4}(?<message>\S.*)$/.exec(near.at(1) ?? "")?.groups;
      if (said === undefined) return undefined;
      const place = near.find(
        /^\s{8}(?!at (?:.*\/\/|.*\/)?(?:org\.junit|org\.testng|org\.opentest4j|java\.|jdk\.))(?:at .*\(|at )(?<file>[\w$]+\.(?:java|kt|groovy|scala)):(?<line>\d+)\)?$/,
        20,
        /^\S/,
      );
      const last = Math.max(1, (place?.offset ?? 2) - 1);
      return { ...said, ...place?.groups, test: `${owner} > ${name}`, offset: 1, span: last, first: 0, last };
    },
  },
  { tool: "gradle", role: "echo", pattern: /^(?:> Task )?(?<message>:\S+ FAILED)$/ },
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
