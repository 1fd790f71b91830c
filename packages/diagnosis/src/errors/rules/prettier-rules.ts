import type { Near, Rule } from "../rule.ts";

/** Lines of one file's problems that are looked back over for its name. */
const FILE_WITHIN = 200;

/** Prettier. */
export const PRETTIER_RULES: readonly Rule[] = [
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
      const verdict = near.find(
        /^(?:\[warn\] Code style issues|Error occurred when checking code style)/,
        FILE_WITHIN,
        /^(?!\[(?:warn|error)\])/,
      );
      return verdict === undefined ? undefined : { message: "Code style issues found", severity: "error" };
    },
  },
  {
    tool: "prettier",
    role: "echo",
    pattern: /^\[warn\] (?<message>Code style issues .+)$/,
  },
];

/** The lines of source that Prettier quotes below an error. */
function quotedLines(near: Near): number {
  let count = 0;
  while (count < 10 && /^\[error\] [ >]/.test(near.at(count + 1) ?? "")) count += 1;
  return count;
}
