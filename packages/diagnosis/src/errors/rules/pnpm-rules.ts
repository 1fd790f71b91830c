import type { Rule } from "../rule.ts";

/** pnpm. */
export const PNPM_RULES: readonly Rule[] = [
  {
    tool: "pnpm",
    role: "echo",
    pattern: /^\s*(?:\S+ \S+: )?\[?(?<code>ELIFECYCLE)\]?\s+(?<message>.+)$/,
  },
  {
    tool: "pnpm",
    pattern: /^\s*\[?(?<code>ERR_PNPM_\w+)\]?\s+(?<message>.+)$/,
    read: ({ code = "", message = "" }) =>
      /RECURSIVE_(?:RUN|EXEC)/.test(code) && !message.endsWith(" not found") ? { role: "echo" } : {},
  },
  { tool: "pnpm", role: "echo", pattern: /^\s*(?<message>\S.*: Failed)$/ },
];
