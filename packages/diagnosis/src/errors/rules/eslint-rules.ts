import type { Near, Rule, RuleReading } from "../rule.ts";

/** Lines of one file's problems that are looked back over for its name. */
const FILE_WITHIN = 200;

const PROBLEM = /^\s+(?<line>\d+):(?<column>\d+)\s+(?<severity>error|warning)\s+(?<message>\S.*)$/;

/** ESLint in its own form. */
export const ESLINT_RULES: readonly Rule[] = [
  {
    tool: "eslint",
    pattern: PROBLEM,
    read: ({ message = "" }, near) => stylish(message, near),
  },
  {
    tool: "eslint",
    role: "echo",
    pattern: /^✖ (?<message>\d+ problems? \((?<errors>\d+) errors?, .+\))$/,
    read: ({ errors }) => ({ severity: errors === "0" ? "warning" : "error" }),
  },
  {
    tool: "eslint",
    role: "echo",
    pattern: /^(?<message>ESLint found too many warnings \(maximum: \d+\)\.)$/,
  },
];

/** The rule stands behind the message, two spaces away; the file on a line of its own above the problems. */
function stylish(text: string, near: Near): RuleReading {
  const trimmed = text.trimEnd();
  const gap = trimmed.lastIndexOf("  ");
  const last = gap === -1 ? "" : trimmed.slice(gap + 2);
  const code = /^[\w@/-]+$/.test(last) ? last : undefined;
  const message = code === undefined ? trimmed : trimmed.slice(0, gap);
  for (let offset = -1; offset >= -FILE_WITHIN; offset -= 1) {
    const above = near.at(offset);
    if (above === undefined || /^\s*$/.test(above)) break;
    if (/^\S/.test(above)) return { message, code, ...(/[./\\]/.test(above) && { file: above.trim() }) };
  }
  return { message, code };
}
