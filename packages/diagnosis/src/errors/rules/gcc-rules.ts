import type { Rule } from "../rule.ts";
import { diagnostic } from "./compiler-diagnostic.ts";

/** gcc, clang and everything that speaks like them: javac, mypy, ShellCheck. */
export const GCC_RULES: readonly Rule[] = [
  {
    tool: "gcc",
    pattern:
      /^(?<file>(?:[A-Za-z]:)?[^\s:][^:]*):(?<line>\d+):(?:(?<column>\d+):)? (?<severity>(?:fatal )?error|warning|note): (?<message>.+)$/,
    read: ({ file = "", severity, message = "" }) => diagnostic(file, severity, message),
  },
  { tool: "gcc", role: "echo", pattern: /^collect2: (?:fatal )?error: (?<message>.+)$/ },
  {
    tool: "clang",
    role: "echo",
    pattern: /^clang(?:\+\+)?(?:-\d+)?: error: (?<message>linker command failed.*)$/,
  },
  {
    tool: "gcc",
    pattern:
      /^(?:\S*\/)?(?:gcc|g\+\+|cc|c\+\+|cc1|clang(?:\+\+)?)(?:-\d+)?: (?:fatal )?error: (?<message>.+)$/,
  },
];
