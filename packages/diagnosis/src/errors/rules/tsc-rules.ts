import type { Near, Rule, RuleReading } from "../rule.ts";

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
    read: (_groups, near) => ({ last: endOfSource(near) }),
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

/** With `--pretty`, the source stands behind a blank line. */
function endOfSource(near: Near): number {
  const blank = near.find(/^\s*$/, 8);
  if (blank === undefined || !/^\d+ /.test(near.at(blank.offset + 1) ?? "")) return 0;
  let end = blank.offset + 1;
  while (end < blank.offset + 12 && /^\s*(?:\d+ |~|\.\.\.)/.test(near.at(end + 1) ?? "")) end += 1;
  return end;
}
