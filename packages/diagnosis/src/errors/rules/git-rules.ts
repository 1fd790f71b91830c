import type { Rule } from "../rule.ts";

/** git. */
export const GIT_RULES: readonly Rule[] = [
  { tool: "git", pattern: /^fatal: (?<message>.+)$/ },
  { tool: "git", pattern: /^CONFLICT \((?<code>[^)]*)\): (?<message>.+)$/ },
  {
    tool: "git",
    pattern:
      /^error: (?<message>(?:pathspec|failed to push|Your local changes|src refspec|cannot lock ref|remote) ?.+)$/,
  },
];
