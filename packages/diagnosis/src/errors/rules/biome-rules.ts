import type { Near, Rule } from "../rule.ts";

/** Lines of one finding. */
const FINDING_LINES = 40;

/** Biome: a heading that ends in a rule, what it says behind a sign, and the source or the differences. */
export const BIOME_RULES: readonly Rule[] = [
  {
    tool: "biome",
    pattern:
      /^(?<file>[^\s:]+)(?::(?<line>\d+):(?<column>\d+))? (?<code>(?:lint|assist|suppressions|parse|format|organizeImports|plugin|internalError|project|configuration|deserialize)\S*)(?: .*)? ━{3,}$/,
    read: (_groups, near) => {
      const said = near.find(/^\s+(?<sign>[×✖x!⚠iℹ]) (?<message>\S.*)$/, 3);
      if (said === undefined) return undefined;
      const sign = said.groups["sign"] ?? "";
      const last = endOfSource(near, said.offset);
      const { offset } = said;
      const severity = /[×✖x]/.test(sign) ? "error" : "warning";
      return { message: said.groups["message"], severity, offset, first: 0, span: last, last };
    },
  },
  {
    tool: "biome",
    role: "echo",
    pattern: /^(?<code>check|ci|lint|format) ━{3,}$/,
    read: (_groups, near) => {
      const said = near.find(/^\s+[×✖x] (?<message>\S.*)$/, 3);
      return said === undefined ? undefined : { message: said.groups["message"], span: said.offset };
    },
  },
];

/** Advice follows the source. */
function endOfSource(near: Near, from: number): number {
  let end = from;
  for (let offset = from + 1; offset <= from + FINDING_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || /^\S/.test(text) || /^\s+[iℹ] /.test(text)) break;
    if (text.trim() !== "") end = offset;
  }
  return end;
}
