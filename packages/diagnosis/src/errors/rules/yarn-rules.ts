import type { Rule } from "../rule.ts";

/** yarn, classic and modern. */
export const YARN_RULES: readonly Rule[] = [
  { tool: "yarn", role: "echo", pattern: /^error (?<message>Command failed with exit code \d+\.)$/ },
  {
    tool: "yarn",
    pattern:
      /^error (?<message>(?:Command ".+" not found|An unexpected error occurred|Couldn't find|Your lockfile).+)$/,
  },
  { tool: "yarn", pattern: /^➤ (?<code>YN\d{4}): (?:│ )?(?<message>.*(?:Error|failed|couldn't|can't).*)$/ },
];
