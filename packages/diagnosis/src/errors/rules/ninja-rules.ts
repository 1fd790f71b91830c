import type { Rule } from "../rule.ts";

/** ninja. */
export const NINJA_RULES: readonly Rule[] = [
  {
    tool: "ninja",
    role: "echo",
    pattern: /^FAILED: (?<message>(?:\[code=\d+\] )?\S.*)$/,
  },
  { tool: "ninja", role: "echo", pattern: /^ninja: build stopped: (?<message>.+)$/ },
  { tool: "ninja", pattern: /^ninja: (?:fatal|error): (?:(?<file>[^\s:]+):(?<line>\d+): )?(?<message>.+)$/ },
];
