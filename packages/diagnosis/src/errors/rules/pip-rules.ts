import type { Rule } from "../rule.ts";

/** pip. */
export const PIP_RULES: readonly Rule[] = [
  {
    tool: "pip",
    pattern:
      /^ERROR: (?<message>(?:Could not (?:find a version|install|build)|Cannot install|Failed building wheel|Failed to build|Package |Ignored|ResolutionImpossible|Invalid requirement|Could not open requirements).+)$/,
  },
  { tool: "pip", role: "echo", pattern: /^ERROR: (?<message>No matching distribution found for .+)$/ },
];
