import type { Rule } from "../rule.ts";

/** turbo. */
export const TURBO_RULES: readonly Rule[] = [
  { tool: "turbo", role: "echo", pattern: /^\s*ERROR\s+(?<message>run failed: .+)$/ },
  { tool: "turbo", role: "echo", pattern: /^(?<message>\S+#\S+: command \(.+\) .+ exited \(\d+\))$/ },
];
