import type { Rule } from "../rule.ts";

/** flake8 and ruff, whose codes are the same. */
export const FLAKE8_RULES: readonly Rule[] = [
  {
    tool: "flake8",
    pattern:
      /^(?<file>[^\s:]+\.pyi?):(?<line>\d+):(?<column>\d+): (?<code>[A-Z]{1,4}\d{2,4}):? (?<message>.+)$/,
    read: ({ message = "" }, near) =>
      /^\[\*\] |`/.test(message) || near.find(/^Found \d+ errors?\.$/, 200) !== undefined
        ? { tool: "ruff", message: fixless(message) }
        : {},
  },
  {
    tool: "ruff",
    pattern: /^(?<code>[A-Z]{1,4}\d{3,4}|invalid-syntax):? (?<message>\S.*)$/,
    read: ({ message = "" }, near) => {
      const place = /^\s*--> (?<file>[^:]+):(?<line>\d+):(?<column>\d+)$/.exec(near.at(1) ?? "");
      return place === null ? undefined : { ...place.groups, message: fixless(message), span: 1 };
    },
  },
];

function fixless(message: string): string {
  return message.replace(/^\[\*\] /, "");
}
