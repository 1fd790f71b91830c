import type { Near, Rule, RuleReading } from "../rule.ts";

/** Lines of one file's problems that are looked back over for its name. */
const FILE_WITHIN = 200;

const PROBLEM = /^\s+(?<line>\d+):(?<column>\d+)\s+(?<severity>error|warning)\s+(?<message>\S.*)$/;

/** ESLint, oxlint, Biome's kin, Prettier, stylelint and shellcheck. */
export const LINT_RULES: readonly Rule[] = [
  {
    tool: "eslint",
    pattern: PROBLEM,
    read: ({ message = "" }, near) => stylish(message, near),
  },
  { tool: "eslint", role: "echo", pattern: /^✖ (?<message>\d+ problems? \(.+\))$/ },
  {
    tool: "oxlint",
    pattern: /^\s*(?<sign>[×x!⚠✖]) (?:(?<code>[\w@/-]+\([\w@/.-]+\)): )?(?<message>\S.*)$/,
    read: ({ sign }, near) => {
      const place = near.find(/^\s*(?:╭─|,-)\[(?<file>.+?):(?<line>\d+):(?<column>\d+)\]/, 4);
      if (place === undefined) return undefined;
      const severity = sign === "!" || sign === "⚠" ? "warning" : "error";
      return { ...place.groups, severity, span: place.offset };
    },
  },
  {
    tool: "oxlint",
    pattern:
      /^(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): (?<message>.+) \[(?<severity>Error|Warning)\/(?<code>[^\]]+)\]$/,
    read: ({ code = "" }) => ({ tool: code.includes("(") ? "oxlint" : "eslint" }),
  },
  {
    tool: "prettier",
    pattern:
      /^\[(?<severity>error)\] (?<file>\S+\.\w+): (?<message>.+?)(?: \((?<line>\d+):(?<column>\d+)\))?$/,
    read: (_groups, near) => ({ span: quotedLines(near) }),
  },
  {
    tool: "prettier",
    pattern: /^\[warn\] (?<file>\S.*\.\w+)$/,
    read: (_groups, near) => {
      const verdict = near.find(/^\[warn\] Code style issues/, FILE_WITHIN, /^(?!\[(?:warn|error)\])/);
      return verdict === undefined ? undefined : { message: "Code style issues found", severity: "error" };
    },
  },
  {
    tool: "prettier",
    role: "echo",
    pattern: /^\[warn\] (?<message>Code style issues .+)$/,
  },
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

/** The lines of source that Prettier quotes below an error. */
function quotedLines(near: Near): number {
  let count = 0;
  while (count < 10 && /^\[error\] [ >]/.test(near.at(count + 1) ?? "")) count += 1;
  return count;
}
