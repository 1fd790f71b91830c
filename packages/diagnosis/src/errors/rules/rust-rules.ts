import type { Rule } from "../rule.ts";

const PLACE = /^\s*-->\s(?<file>[^:]+):(?<line>\d+):(?<column>\d+)/;

/** rustc, clippy, cargo and panics. */
export const RUST_RULES: readonly Rule[] = [
  {
    tool: "cargo",
    role: "echo",
    pattern:
      /^error: (?<message>(?:could not compile|aborting due to|test failed, to rerun|\d+ targets? failed|build failed|\d+ previous errors?).*)$/,
  },
  {
    tool: "rustc",
    pattern: /^(?<severity>error|warning)(?:\[(?<code>[A-Z]\d+)\])?: (?<message>.+)$/,
    read: ({ code }, near) => {
      const place = near.find(PLACE, 6, /^\S/);
      if (place === undefined) return code === undefined ? undefined : {};
      const { file, line, column } = place.groups;
      return { file, line, column, span: place.offset };
    },
  },
  {
    tool: "rust",
    pattern:
      /^thread '(?<code>[^']*)'(?: \(\d+\))? panicked at (?<file>[^:']+):(?<line>\d+):(?<column>\d+):?$/,
    read: (_groups, near) => {
      const message = near.text(2);
      return message === undefined ? {} : { message: message.text, span: message.offset };
    },
  },
  {
    tool: "rust",
    pattern:
      /^thread '(?<code>[^']*)' panicked at '(?<message>.*)', (?<file>[^:']+):(?<line>\d+):(?<column>\d+)$/,
  },
  { tool: "cargo test", role: "echo", pattern: /^test (?<code>\S+) \.\.\. FAILED$/ },
  { tool: "cargo test", role: "echo", pattern: /^test result: FAILED\. (?<message>.+)$/ },
];
