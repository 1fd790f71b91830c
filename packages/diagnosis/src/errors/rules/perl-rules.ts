import type { Rule } from "../rule.ts";

/** Perl. */
export const PERL_RULES: readonly Rule[] = [
  {
    tool: "perl",
    pattern: /^(?<message>\S.*) at (?<file>\S+) line (?<line>\d+)\.$/,
  },
];
