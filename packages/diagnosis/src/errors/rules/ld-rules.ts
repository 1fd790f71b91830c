import type { Rule } from "../rule.ts";

/** Linkers. */
export const LD_RULES: readonly Rule[] = [
  {
    tool: "ld",
    pattern:
      /^(?:\S*\bld(?:\.\w+)?: )?(?<file>[^\s:(]+):(?:(?<line>\d+)|\([^)]*\)): (?<message>(?:undefined reference|multiple definition).*)$/,
  },
  {
    tool: "ld",
    pattern:
      /^(?:\S*\/)?ld(?:\.\w+)?: (?<message>cannot find .+|undefined symbol.*|unable to find .+|error: .+)$/,
  },
  { tool: "ld", pattern: /^Undefined symbols for architecture (?<message>.+)$/ },
];
