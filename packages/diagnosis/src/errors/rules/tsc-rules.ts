import type { Rule, RuleReading } from "../rule.ts";

/** tsc, and MSBuild and its compilers, which number what they say in the same place. */
export const TSC_RULES: readonly Rule[] = [
  {
    tool: "tsc",
    pattern:
      /^(?<file>\S.*?)\((?<line>\d+)(?:,(?<column>\d+))?(?:,\d+,\d+)?\)\s?: (?<severity>error|warning) (?<code>[A-Z]+\d+): (?<message>.+)$/,
    read: ({ code, message, file }) => ({ ...msbuild(code, message), file: file?.trim() }),
  },
  {
    tool: "tsc",
    pattern:
      /^(?<file>\S.*?):(?<line>\d+):(?<column>\d+) - (?<severity>error|warning) (?<code>TS\d+): (?<message>.+)$/,
  },
  {
    tool: "tsc",
    pattern: /^(?:[\w ]{1,20} : )?(?<severity>error|warning) (?<code>[A-Z]{2,8}\d{1,5})\s?: (?<message>.+)$/,
    read: ({ code, message }) => msbuild(code, message),
  },
];

/** The numbers of TypeScript and of MSBuild's family stand in the same place; the project behind the message is MSBuild's. */
function msbuild(code = "", message = ""): RuleReading {
  const tool = code.startsWith("TS") ? "tsc" : "dotnet";
  return { tool, message: message.endsWith("]") ? message.replace(/ \[[^[\]]*proj\]$/, "") : message };
}
