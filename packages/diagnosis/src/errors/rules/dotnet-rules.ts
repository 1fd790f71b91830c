import type { Rule } from "../rule.ts";

/** `dotnet build` and `dotnet test`; the errors of its compilers are read with those of tsc. */
export const DOTNET_RULES: readonly Rule[] = [
  { tool: "dotnet", role: "echo", pattern: /^Build FAILED\.$/ },
  {
    tool: "dotnet test",
    pattern: /^\s+Failed (?<code>\S+) \[.+\]$/,
    read: (_groups, near) => {
      const heading = near.find(/^\s+Error Message:$/, 3);
      if (heading === undefined) return undefined;
      const place = near.find(/ in (?<file>\S.*):line (?<line>\d+)$/, 30, /^\s+Failed /);
      const { file, line } = place?.groups ?? {};
      return { message: near.at(heading.offset + 1), file, line, offset: heading.offset + 1 };
    },
  },
];
