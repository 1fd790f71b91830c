import type { Near, Rule } from "../rule.ts";

/** Lines of one failure. */
const FAILURE_LINES = 60;

/** Lines back to the heading of a list of failures. */
const LIST_LINES = 400;

/** PHP and PHPUnit. */
export const PHP_RULES: readonly Rule[] = [
  {
    tool: "php",
    pattern:
      /^(?:PHP )?(?<severity>Fatal error|Parse error|Warning|Deprecated|Notice|Uncaught \w+): +(?<message>.+) in (?<file>\/\S+?|\S+\.php)(?: on line |:)(?<line>\d+)$/,
    read: ({ severity = "" }) => (/^(?:Deprecated|Notice)/.test(severity) ? { severity: "warning" } : {}),
  },
  { tool: "php", role: "echo", pattern: /^Errors parsing (?<message>.+)$/ },
  {
    tool: "phpunit",
    pattern: /^\d+\) (?<test>[\w\\]+::\S+.*)$/,
    read: (_groups, near) => {
      const kind = listOf(near);
      const message = near.text(2);
      if (message === undefined) return undefined;
      const place = near.find(/^(?<file>\S+\.php):(?<line>\d+)$/, FAILURE_LINES, /^(?:\d+\) |--$)/);
      const end = place?.offset ?? message.offset;
      if (/^(?:skipped|incomplete)/.test(kind)) return { ignore: true, span: end };
      const severity = /^(?:risky|warning|deprecation|notice)/.test(kind) ? "warning" : "error";
      return {
        message: message.text,
        severity,
        ...place?.groups,
        offset: message.offset,
        span: end,
        first: 0,
        last: end,
      };
    },
  },
  {
    // As a list of what the tests promise.
    tool: "phpunit",
    pattern: /^\s+✘ (?<test>\S.*)$/,
    read: (_groups, near) => {
      const message = near.find(/^\s+[│┐├]\s(?<message>\S.*)$/, 4, /^\s*$/);
      if (message === undefined) return undefined;
      const place = near.find(/^\s+[│┊┴╵]\s(?<file>\S+\.php):(?<line>\d+)$/, FAILURE_LINES, /^\s*$/);
      const end = place?.offset ?? message.offset;
      return { ...message.groups, ...place?.groups, offset: message.offset, span: end, first: 0, last: end };
    },
  },
];

/** PHPUnit lists errors and failures, and under other headings what it only remarks. */
function listOf(near: Near): string {
  for (let offset = -1; offset >= -LIST_LINES; offset -= 1) {
    const kind = /^There (?:was|were) \d+ (?<kind>[\w ]+):$/.exec(near.at(offset) ?? "")?.groups?.["kind"];
    if (kind !== undefined) return kind;
  }
  return "";
}
