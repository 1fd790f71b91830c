import type { Rule } from "../rule.ts";

/** RSpec. */
export const RSPEC_RULES: readonly Rule[] = [
  {
    tool: "rspec",
    pattern: /^\s{2}\d+\) (?<code>\S.*)$/,
    read: (_groups, near) => {
      const failure = near.find(/^\s+Failure\/Error: (?<message>.+)$/, 4, /^\s{2}\d+\) /);
      if (failure === undefined) return undefined;
      const place = near.find(/^\s+# (?<file>[^\s:]+):(?<line>\d+):in /, 40, /^\s{2}\d+\) /);
      const { file, line } = place?.groups ?? {};
      return { message: failure.groups["message"], file, line, offset: failure.offset };
    },
  },
  { tool: "rspec", role: "echo", pattern: /^rspec (?<file>\.\/[^\s:]+):(?<line>\d+) # (?<message>.+)$/ },
];
