import type { Rule } from "../rule.ts";

/** Ruby, RSpec, PHP, PHPUnit, and failures of `dotnet test`. */
export const RUBY_PHP_RULES: readonly Rule[] = [
  {
    tool: "ruby",
    pattern: /^(?<file>[^\s:]+\.(?:rb|rake|ru)|Rakefile|Gemfile):(?<line>\d+):in [`'][^']*': (?<message>.+)$/,
  },
  { tool: "ruby", pattern: /^(?<file>[^\s:]+\.rb):(?<line>\d+): (?<message>(?:syntax error|warning: ).+)$/ },
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
  {
    tool: "php",
    pattern:
      /^(?:PHP )?(?<severity>Fatal error|Parse error|Warning|Uncaught \w+): +(?<message>.+) in (?<file>\/\S+?)(?: on line |:)(?<line>\d+)$/,
  },
  {
    tool: "phpunit",
    pattern: /^\d+\) (?<code>[\w\\]+::\S+.*)$/,
    read: (_groups, near) => {
      const message = near.text(2);
      if (message === undefined) return undefined;
      const place = near.find(/^(?<file>\S+\.php):(?<line>\d+)$/, 30, /^\d+\) /);
      const { file, line } = place?.groups ?? {};
      return { message: message.text, file, line, offset: message.offset };
    },
  },
  {
    tool: "dotnet test",
    pattern: /^\s+Failed (?<code>\S+) \[.+\]$/,
    read: (_groups, near) => {
      const heading = near.find(/^\s+Error Message:$/, 3);
      if (heading === undefined) return undefined;
      const place = near.find(/ in (?<file>\S.*):line (?<line>\d+)$/, 30, /^\s+Failed /);
      const { file, line } = place?.groups ?? {};
      return { message: near.at(heading.offset + 1), file, line, offset: heading.offset + 1 };
    },
  },
];
