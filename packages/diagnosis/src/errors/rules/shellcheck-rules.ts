import type { Rule } from "../rule.ts";

/** ShellCheck in its own form; its form `gcc` is read with that of gcc. */
export const SHELLCHECK_RULES: readonly Rule[] = [
  {
    tool: "shellcheck",
    pattern: /^In (?<file>\S.*) line (?<line>\d+):$/,
    read: (_groups, near) => {
      const said = near.find(
        /^[\s^-]*(?<code>SC\d+) \((?<severity>error|warning|info|style)\): (?<message>.+)$/,
        4,
      );
      return said === undefined ? undefined : { ...said.groups, span: said.offset };
    },
  },
];
