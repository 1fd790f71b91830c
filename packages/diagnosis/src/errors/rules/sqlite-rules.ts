import type { Rule } from "../rule.ts";

/** Shells of databases. */
export const SQLITE_RULES: readonly Rule[] = [
  {
    tool: "sqlite",
    pattern:
      /^(?:Parse|Runtime) error (?:near line (?<line>\d+)|in .+?):? ?(?:near line \d+)?: (?<message>.+)$/,
  },
];
