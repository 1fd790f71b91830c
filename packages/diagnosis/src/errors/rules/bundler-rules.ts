import type { Rule, RuleReading } from "../rule.ts";

/** What builds for browsers: esbuild, vite, Rollup and webpack. */
export const BUNDLER_RULES: readonly Rule[] = [
  {
    tool: "esbuild",
    pattern: /^\s*[✘X▲] \[(?<severity>ERROR|WARNING)\] (?<message>.+)$/,
    read: (_groups, near) => {
      const place = near.find(/^\s{4}(?<file>\S.*?):(?<line>\d+):(?<column>\d+):$/, 4, /^[✘▲]/);
      return place === undefined ? {} : { ...places(place.groups), span: place.offset };
    },
  },
  {
    tool: "vite",
    pattern: /^\[(?<code>[A-Z][A-Z_]{2,40})\] (?<message>.+)$/,
    read: (_groups, near) => {
      const place = near.find(/^\s*(?:╭─|,-)\[ ?(?<file>\S.*?):(?<line>\d+):(?<column>\d+) ?\]/, 3);
      return place === undefined ? undefined : { ...places(place.groups), span: place.offset };
    },
  },
  {
    tool: "vite",
    pattern: /^(?:\[!\] )?(?:\([^)]*\) )?(?:RollupError|\[vite[^\]]*\]): (?<message>.+)$/,
    read: (_groups, near) => {
      const place = near.find(/^(?:file: )?(?<file>\S+?)(?:\s\(|:)(?<line>\d+):(?<column>\d+)\)?:?$/, 4);
      return place === undefined ? {} : { ...places(place.groups), span: place.offset };
    },
  },
  { tool: "vite", role: "echo", pattern: /^(?<message>error during build:)$/ },
  {
    tool: "webpack",
    pattern: /^ERROR in (?<file>\.{0,2}\/?[^\s:]+)(?:[: ](?<line>\d+):(?<column>\d+).*)?$/,
    read: (_groups, near) => {
      const message = near.text(2);
      return message === undefined ? undefined : { message: message.text, offset: 0, span: message.offset };
    },
  },
];

function places(groups: Readonly<Record<string, string | undefined>>): RuleReading {
  return { file: groups["file"], line: groups["line"], column: groups["column"] };
}
