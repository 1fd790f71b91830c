import type { Rule } from "../rule.ts";

/** `dotnet build` and `dotnet test`; the errors of its compilers are read with those of tsc. */
export const DOTNET_RULES: readonly Rule[] = [
  { tool: "dotnet", role: "echo", pattern: /^Build FAILED\.$/ },
  {
    tool: "dotnet test",
    pattern: /^\s+Failed (?<test>\S.*) \[.+\]$/,
    read: (_groups, near) => {
      const heading = near.find(/^\s+Error Message:$/, 3);
      if (heading === undefined) return undefined;
      const place = near.find(/ in (?<file>\S.*):line (?<line>\d+)$/, 30, /^\s+Failed /);
      const { file, line } = place?.groups ?? {};
      const offset = heading.offset + 1;
      const stack = near.find(/^\s+Stack Trace:$/, 40, /^\s+Failed /);
      const last = Math.max(offset, (stack?.offset ?? offset + 1) - 1);
      return { message: near.at(offset), file, line, offset, first: 0, span: last, last };
    },
  },
  { tool: "dotnet test", role: "echo", pattern: /^Failed!\s+- (?<message>Failed: .+)$/ },
];
