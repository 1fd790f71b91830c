import type { Rule } from "../rule.ts";

/** Ruby. */
export const RUBY_RULES: readonly Rule[] = [
  {
    tool: "ruby",
    pattern: /^(?<file>[^\s:]+\.(?:rb|rake|ru)|Rakefile|Gemfile):(?<line>\d+):in [`'][^']*': (?<message>.+)$/,
  },
  { tool: "ruby", pattern: /^(?<file>[^\s:]+\.rb):(?<line>\d+): (?<message>(?:syntax error|warning: ).+)$/ },
];
