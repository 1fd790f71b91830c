import type { Rule } from "../rule.ts";

/** Lines that building a package prints. */
const OUTPUT_LINES = 200;

/** pip, poetry and uv. */
export const PIP_RULES: readonly Rule[] = [
  {
    // Installed all the same.
    tool: "pip",
    severity: "warning",
    pattern: /^ERROR: (?<message>pip's dependency resolver does not currently take into account .+)$/,
  },
  {
    tool: "pip",
    pattern:
      /^ERROR: (?<message>(?:Could not (?:find a version|install|build)|Cannot install|Failed building wheel|Failed to build|Package |Ignored|ResolutionImpossible|Invalid requirement|Could not open requirements).+)$/,
  },
  { tool: "pip", role: "echo", pattern: /^ERROR: (?<message>No matching distribution found for .+)$/ },
  {
    tool: "pip",
    role: "echo",
    pattern: /^\s*error: (?<message>subprocess-exited-with-error|metadata-generation-failed)$/,
  },
  {
    tool: "pip",
    pattern: /^\s*× (?<message>\S.* did not run successfully\.)$/,
    read: ({ message = "" }, near) => {
      const end = near.find(/^\s+\[end of output\]$/, OUTPUT_LINES);
      if (end === undefined) return {};
      const said = near.at(end.offset - 1)?.trim() ?? "";
      return { message: said === "" ? message : `${message} ${said}`, span: end.offset, last: end.offset };
    },
  },
  { tool: "poetry", pattern: /^(?<message>(?:So, )?[Bb]ecause .+, version solving failed\.)$/ },
  {
    tool: "poetry",
    pattern:
      /^(?<message>Poetry could not find a pyproject\.toml file in .+|(?:Error: )?(?:pyproject\.toml changed significantly since|poetry\.lock is not up to date with) .+)$/,
  },
  {
    tool: "uv",
    pattern:
      /^\s*× (?<message>(?:No solution found|Failed to (?:build|download|fetch|resolve|parse|prepare)|No interpreter found).*)$/,
    read: ({ message = "" }, near) => {
      const why = near.find(/^\s*╰─▶ (?<why>\S.*)$/, 6);
      if (why === undefined) return {};
      let last = why.offset;
      while (last < why.offset + 8 && /^\s{6,}\S/.test(near.at(last + 1) ?? "")) last += 1;
      return { message: `${message} ${why.groups["why"] ?? ""}`, span: last, last };
    },
  },
  {
    tool: "uv",
    pattern:
      /^error: (?<message>(?:Failed to (?:fetch|spawn|download|resolve|build|install|parse `pyproject\.toml`)|No `pyproject\.toml` found|The lockfile at `uv\.lock`|No virtual environment found|Request failed after).*)$/,
  },
];
