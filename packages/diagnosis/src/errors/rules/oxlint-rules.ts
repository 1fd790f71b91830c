import type { Rule } from "../rule.ts";

/** oxlint, and what prints the form of unix. */
export const OXLINT_RULES: readonly Rule[] = [
  {
    tool: "oxlint",
    pattern: /^\s*(?<sign>[×x!⚠✖]) (?:(?<code>[\w@/-]+\([\w@/.-]+\)): )?(?<message>\S.*)$/,
    read: ({ sign }, near) => {
      const place = near.find(/^\s*(?:╭─|,-)\[(?<file>.+?):(?<line>\d+):(?<column>\d+)\]/, 4);
      if (place === undefined) return undefined;
      const severity = sign === "!" || sign === "⚠" ? "warning" : "error";
      const end = near.find(/^\s*(?:`-{2,}|╰─+)$/, 30, /^\s*$/);
      return { ...place.groups, severity, span: place.offset, last: end?.offset ?? place.offset };
    },
  },
  {
    tool: "oxlint",
    pattern:
      /^(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): (?<message>.+) \[(?<severity>Error|Warning)\/(?<code>[^\]]+)\]$/,
    read: ({ code = "" }) => ({ tool: code.includes("(") ? "oxlint" : "eslint" }),
  },
];
