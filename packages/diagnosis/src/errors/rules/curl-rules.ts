import type { Rule } from "../rule.ts";

/** curl. */
export const CURL_RULES: readonly Rule[] = [
  { tool: "curl", pattern: /^curl: \((?<code>\d+)\) (?<message>.+)$/ },
];
