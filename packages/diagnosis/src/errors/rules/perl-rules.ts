import type { Rule } from "../rule.ts";

/** What Perl only warns of. */
const WARNING =
  /^(?:Use of uninitialized|Useless use|Argument ".*" isn't numeric|Subroutine \S+ redefined|Name "\S+" used only once|"my" variable|Odd number of elements|Possible |Scalar value |Deep recursion|Unquoted string|Wide character)/;

/** Perl. */
export const PERL_RULES: readonly Rule[] = [
  { tool: "perl", role: "echo", pattern: /^(?<message>BEGIN failed--compilation aborted.*)$/ },
  {
    tool: "perl",
    role: "echo",
    pattern: /^(?<message>Execution of \S+ aborted due to compilation errors\.)$/,
  },
  {
    tool: "perl",
    pattern:
      /^(?<message>[^\s#].*) at (?<file>[\w./-]+) line (?<line>\d+)(?:\.|, (?:near ".*|at EOF|<\w*> (?:line|chunk) \d+\.))$/,
    read: ({ message = "" }) => (WARNING.test(message) ? { severity: "warning" } : {}),
  },
];
