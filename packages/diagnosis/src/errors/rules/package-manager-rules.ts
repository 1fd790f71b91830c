import type { Near, Rule, RuleReading } from "../rule.ts";

const NPM = /^npm (?:ERR!|error)/;

/** Lines of npm that are facts for its authors, not a sentence. */
const NPM_FACT =
  /^npm (?:ERR!|error)(?:\s+(?:code|syscall|path|errno|command|cwd|node|npm|argv|workspace|location|signal|A complete log|enoent This is related|Lifecycle script)\b.*)?\s*$/;

/** npm, pnpm, yarn, turbo and pip. */
export const PACKAGE_MANAGER_RULES: readonly Rule[] = [
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
  {
    tool: "pnpm",
    role: "echo",
    pattern: /^\s*(?:\S+ \S+: )?\[?(?<code>ELIFECYCLE)\]?\s+(?<message>.+)$/,
  },
  {
    tool: "pnpm",
    pattern: /^\s*\[?(?<code>ERR_PNPM_\w+)\]?\s+(?<message>.+)$/,
    read: ({ code = "" }) => (/RECURSIVE_(?:RUN|EXEC)/.test(code) ? { role: "echo" } : {}),
  },
  { tool: "pnpm", role: "echo", pattern: /^\s*(?<message>\S.*: Failed)$/ },
  { tool: "yarn", role: "echo", pattern: /^error (?<message>Command failed with exit code \d+\.)$/ },
  {
    tool: "yarn",
    pattern:
      /^error (?<message>(?:Command ".+" not found|An unexpected error occurred|Couldn't find|Your lockfile).+)$/,
  },
  { tool: "yarn", pattern: /^➤ (?<code>YN\d{4}): (?:│ )?(?<message>.*(?:Error|failed|couldn't|can't).*)$/ },
  { tool: "turbo", role: "echo", pattern: /^\s*ERROR\s+(?<message>run failed: .+)$/ },
  { tool: "turbo", role: "echo", pattern: /^(?<message>\S+#\S+: command \(.+\) .+ exited \(\d+\))$/ },
  {
    tool: "pip",
    pattern:
      /^ERROR: (?<message>(?:Could not (?:find a version|install|build)|Cannot install|Failed building wheel|Failed to build|Package |Ignored|ResolutionImpossible|Invalid requirement|Could not open requirements).+)$/,
  },
  { tool: "pip", role: "echo", pattern: /^ERROR: (?<message>No matching distribution found for .+)$/ },
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
