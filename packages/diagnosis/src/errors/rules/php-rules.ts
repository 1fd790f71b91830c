import type { Rule } from "../rule.ts";

/** PHP and PHPUnit. */
export const PHP_RULES: readonly Rule[] = [
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
];
