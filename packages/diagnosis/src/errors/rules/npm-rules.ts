import type { Near, Rule, RuleReading } from "../rule.ts";

const NPM = /^npm (?:ERR!|error)/;

/** Lines of npm that are facts for its authors, not a sentence. */
const NPM_FACT =
  /^npm (?:ERR!|error)(?:\s+(?:code|syscall|path|errno|command|cwd|node|npm|argv|workspace|location|signal|A complete log|enoent This is related|Lifecycle script)\b.*)?\s*$/;

/** npm. */
export const NPM_RULES: readonly Rule[] = [
  {
    tool: "npm",
    pattern: /^npm (?:ERR!|error) code (?<code>\S+)$/,
    read: ({ code = "" }, near) => npmFailure(code, near),
  },
  {
    tool: "npm",
    pattern: /^npm (?:ERR!|error) (?<message>Missing script: .+)$/,
    read: (_groups, near) => ({ span: npmLines(near) }),
  },
  { tool: "npm", role: "echo", pattern: /^npm (?:ERR!|error) (?<message>.+)$/ },
];

function npmFailure(code: string, near: Near): RuleReading {
  const span = npmLines(near);
  // A script of the package failed; what it printed says why.
  if (code === "ELIFECYCLE" || /^\d+$/.test(code)) return { role: "echo", span, message: `code ${code}` };
  const said = near.find(/./, span, undefined);
  for (let offset = said?.offset ?? 1; offset <= span; offset += 1) {
    const text = near.at(offset) ?? "";
    if (NPM_FACT.test(text)) continue;
    return {
      span,
      message: text
        .replace(NPM, "")
        .trim()
        .replace(/^(?:enoent|notarget|404) /, ""),
    };
  }
  return { span, message: code };
}

/** How many lines behind this one are npm's as well. */
function npmLines(near: Near): number {
  let count = 0;
  while (count < 200 && NPM.test(near.at(count + 1) ?? "")) count += 1;
  return count;
}
